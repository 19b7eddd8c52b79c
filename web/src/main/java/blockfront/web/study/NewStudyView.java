package blockfront.web.study;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Start;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Task;
import blockfront.blocks.preset.Presets;
import blockfront.search.data.DataSetSummary;
import blockfront.search.data.DataSets;
import blockfront.search.space.Admission;
import blockfront.search.space.MacroGenes;
import blockfront.search.space.SearchSpace;
import blockfront.search.strategy.Strategies;
import blockfront.search.strategy.SuccessiveHalving;
import blockfront.search.study.Aims;
import blockfront.search.study.Budget;
import blockfront.search.study.ExamplePlans;
import blockfront.search.study.InitialWeights;
import blockfront.search.study.Limits;
import blockfront.search.study.Objective;
import blockfront.search.study.ParetoFront;
import blockfront.search.study.Study;
import blockfront.search.study.StudyPlan;
import blockfront.search.study.StudyService;
import blockfront.search.study.StudyStore;
import blockfront.search.trial.Recipe;
import blockfront.search.trial.Trial;
import blockfront.web.page.Aside;
import blockfront.web.page.Parts;
import com.vaadin.flow.component.AbstractField;
import com.vaadin.flow.component.Component;
import com.vaadin.flow.component.HasValidation;
import com.vaadin.flow.component.button.Button;
import com.vaadin.flow.component.button.ButtonVariant;
import com.vaadin.flow.component.checkbox.Checkbox;
import com.vaadin.flow.component.combobox.MultiSelectComboBox;
import com.vaadin.flow.component.details.Details;
import com.vaadin.flow.component.html.Div;
import com.vaadin.flow.component.html.Paragraph;
import com.vaadin.flow.component.html.Span;
import com.vaadin.flow.component.icon.VaadinIcon;
import com.vaadin.flow.component.select.Select;
import com.vaadin.flow.component.textfield.AbstractNumberField;
import com.vaadin.flow.component.textfield.IntegerField;
import com.vaadin.flow.component.textfield.NumberField;
import com.vaadin.flow.component.textfield.TextField;
import com.vaadin.flow.data.binder.ValueContext;
import com.vaadin.flow.data.value.ValueChangeMode;
import com.vaadin.flow.router.BeforeEnterEvent;
import com.vaadin.flow.router.BeforeEnterObserver;
import com.vaadin.flow.router.PageTitle;
import com.vaadin.flow.router.Route;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Plans a study: what may be tried, on which data, for how long. */
@Route("new")
@PageTitle("New study · Blockfront")
final class NewStudyView extends Div implements BeforeEnterObserver {

  private static final long serialVersionUID = 1;
  private static final String OTHER = "Another …";
  private static final List<String> LAYOUTS = List.of("isotropic", "pyramid");
  private static final int LONGEST_NAME = 200;

  private final transient StudyStore store;
  private final transient StudyService service;
  private final transient Catalogue catalogue;
  private final Estimate estimate;

  private final TextField name = new TextField("Name");
  private final Select<String> data = new Select<>();
  private final TextField folder = new TextField("Folder or name");
  private final Span dataNote = Parts.status("faint");
  private final BlockPicker mixers;
  private final BlockPicker channelMixers;
  private final BlockPicker norms;
  private final BlockPicker positions;
  private final MultiSelectComboBox<String> layouts = choices("Layouts");
  private final MultiSelectComboBox<Integer> patches = choices("Patch sizes, pixels");
  private final MultiSelectComboBox<Integer> widths = choices("Widths, channels");
  private final IntegerField minDepth = whole("Fewest layers", 1, 48);
  private final IntegerField maxDepth = whole("Most layers", 1, 48);
  private final IntegerField trials = whole("Networks to train", 1, 1_000_000);
  private final NumberField minutes = number("Longest time, minutes");
  private final NumberField maxFlops = number("At most, MFLOPs");
  private final NumberField maxParameters = number("At most, thousand parameters");
  private final Select<String> strategy = new Select<>();
  private final MultiSelectComboBox<Objective> objectives = choices("Objectives, two or three");
  private final Checkbox halving = new Checkbox("Stop poor trainings early");
  private final Checkbox inherit = new Checkbox("Begin with the weights of the likest network");
  private final NumberField maxLatency = number("At most, ms of latency");
  private final MultiSelectComboBox<String> start = choices("Begin with published networks");
  private final MultiSelectComboBox<Study> startStudies =
      choices("Begin with the fronts of studies");
  private final IntegerField seed = whole("Seed", 0, Integer.MAX_VALUE);
  private final IntegerField epochs = whole("Epochs a network", 1, 10_000);
  private final IntegerField batch = whole("Batch, examples", 1, 4096);
  private final NumberField learningRate = number("Learning rate");
  private final NumberField weightDecay = number("Weight decay");
  private final NumberField warmup = number("Warm-up, epochs");
  private final NumberField smoothing = number("Label smoothing");
  private final NumberField clip = number("Gradient norm, at most");
  private final NumberField dropPath = number("Stochastic depth");
  private final IntegerField shift = whole("Shift, pixels", 0, 64);
  private final Select<Start> weightsStart = new Select<>();
  private final Select<String> flip = new Select<>();
  private final Span problem = Parts.problem();
  private final Span waiting = Parts.status("faint");
  private final Button begin = new Button("Start the study", VaadinIcon.PLAY.create());
  private transient boolean filling;
  private transient Data given = new Data.Unnamed();

  /** Whether the study is to start once its data is read. */
  private transient boolean startWaits;

  /** What the plan that is copied says and this page does not show. */
  private transient MacroGenes macro = MacroGenes.NONE;

  private transient List<Aims.Constraint> otherConstraints = List.of();
  private transient Optional<SuccessiveHalving> copiedHalving = Optional.empty();
  private transient List<Architecture> copiedStart = List.of();

  /** The data set of this form: read when it is named, not again for every question. */
  private sealed interface Data {
    record Unnamed() implements Data {}

    record Reading() implements Data {}

    record Read(DataSetSummary set) implements Data {}

    record Refused(String why) implements Data {}
  }

  NewStudyView(StudyStore store, StudyService service, Catalogue catalogue) {
    this.store = store;
    this.service = service;
    this.catalogue = catalogue;
    this.estimate = new Estimate(catalogue);
    this.mixers = new BlockPicker("Token mixers", catalogue.tokenMixers(), this::changed);
    this.channelMixers =
        new BlockPicker("Channel mixers", catalogue.channelMixers(), this::changed);
    this.norms = new BlockPicker("Norms", catalogue.norms(), this::changed);
    this.positions = new BlockPicker("Positions", catalogue.positions(), this::changed);
    addClassName("page");
    fields();
    add(Parts.header(Parts.title("New study")), Parts.div("split", form(), side()));
  }

  @Override
  public void beforeEnter(BeforeEnterEvent event) {
    Optional<StudyPlan> template =
        event
            .getLocation()
            .getQueryParameters()
            .getSingleParameter("from")
            .filter(text -> text.matches("[0-9]{1,18}"))
            .flatMap(text -> store.study(Long.parseLong(text)))
            .map(Study::plan);
    fill(template.orElseGet(ExamplePlans.FASHION::plan));
    name.setValue(template.map(plan -> plan.name() + ", again").orElse("My study"));
  }

  private Component form() {
    return Parts.div(
        "stack",
        Parts.card("Data", Parts.div("form", name, data, folder), dataNote),
        Parts.card("What may be tried", mixers, channelMixers, lesser()),
        Parts.card("Sizes", Parts.div("form", layouts, patches, widths, minDepth, maxDepth)),
        Parts.card(
            "Budget and limits",
            paragraph(
                "The search ends with whichever comes first. Networks beyond a limit are never"
                    + " trained."),
            Parts.div("form", trials, minutes, maxFlops, maxParameters, maxLatency)),
        Parts.card(
            "Search and training",
            Parts.div("form", strategy, objectives, seed, epochs),
            halving,
            inherit,
            training(),
            beginning()));
  }

  private Component lesser() {
    var details = new Details("Norms and positions", norms, positions);
    details.setWidthFull();
    return details;
  }

  private Component training() {
    var details =
        new Details(
            "How each network is trained",
            Parts.div(
                "form",
                batch,
                learningRate,
                weightDecay,
                warmup,
                smoothing,
                clip,
                dropPath,
                shift,
                flip,
                weightsStart));
    details.setWidthFull();
    return details;
  }

  private Component beginning() {
    var details =
        new Details(
            "What to begin with",
            paragraph(
                "Of what may be tried, the networks likest to these are trained before all"
                    + " others."),
            Parts.div("form", start, startStudies));
    details.setWidthFull();
    return details;
  }

  private Component side() {
    begin.setId("start-study");
    begin.addThemeVariants(ButtonVariant.PRIMARY, ButtonVariant.LARGE);
    begin.addClickListener(_ -> startWhenRead());
    waiting.setVisible(false);
    Div side = Parts.div("stack", estimate, problem, waiting, begin);
    side.addClassName("sticky");
    return side;
  }

  private void fields() {
    name.setRequiredIndicatorVisible(true);
    name.setMaxLength(LONGEST_NAME);
    name.setId("name");
    data.setLabel("Data set");
    data.setItems(Stream.concat(DataSets.builtIn().stream(), Stream.of(OTHER)).toList());
    data.setId("data");
    data.addValueChangeListener(
        _ -> {
          folder.setVisible(ownData());
          readData();
        });
    folder.setId("folder");
    folder.setHelperText(
        "IDX files, CIFAR binary files, or one sub-folder of images a class; or a name:"
            + " mqar:pairs=4,length=64,vocabulary=128, text:FILE, sequences:FILE.csv,"
            + " pixels:digits");
    folder.setValueChangeMode(ValueChangeMode.ON_CHANGE);
    folder.addValueChangeListener(_ -> readData());
    layouts.setItems(LAYOUTS);
    patches.setItems(1, 2, 3, 4, 5, 6, 7, 8, 14, 16, 32);
    widths.setItems(8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512);
    strategy.setLabel("Strategy");
    strategy.setItems(Strategies.names());
    objectives.setItems(Objective.values());
    objectives.setItemLabelGenerator(Objective::title);
    objectives.setId("objectives");
    inherit.setId("inherit");
    inherit.setHelperText(
        "Tensors are taken where name and shape agree; results then depend on what came before.");
    halving.setId("halving");
    halving.setHelperText(
        "Every network is trained for a few epochs; the better half of those goes on, and so forth."
            + " What is stopped keeps its result.");
    start.setItems(Presets.names());
    startStudies.setItems(store.studies());
    startStudies.setItemLabelGenerator(study -> study.plan().name());
    weightsStart.setLabel("Weights start");
    weightsStart.setItems(Start.values());
    weightsStart.setItemLabelGenerator(
        each ->
            switch (each) {
              case SCALED -> "by the width";
              case PUBLISHED -> "as published: 0.02";
            });
    weightsStart.setHelperText("Narrow networks learn sooner from wider weights");
    weightsStart.setValue(Recipe.STANDARD.start());
    flip.setLabel("Mirror images");
    flip.setItems("where the data allows it", "never");
    Stream.of(layouts, patches, widths)
        .forEach(field -> field.addValueChangeListener(_ -> changed()));
    Stream.of(minDepth, maxDepth).forEach(this::watch);
    Stream.of(maxFlops, maxParameters).forEach(this::watch);
  }

  private void watch(AbstractField<?, ?> field) {
    field.addValueChangeListener(_ -> changed());
  }

  private void fill(StudyPlan plan) {
    filling = true;
    boolean builtIn = DataSets.builtIn().contains(plan.data());
    data.setValue(builtIn ? plan.data() : OTHER);
    folder.setValue(builtIn ? "" : plan.data());
    folder.setVisible(!builtIn);
    SearchSpace space = plan.space();
    macro = space.macro();
    mixers.allow(space.mixers());
    channelMixers.allow(space.channelMixers());
    norms.allow(space.norms());
    positions.allow(space.positions());
    layouts.setValue(space.layouts());
    patches.setValue(space.patches());
    widths.setValue(space.widths());
    minDepth.setValue(space.minDepth());
    maxDepth.setValue(space.maxDepth());
    trials.setValue(plan.budget().trials().orElse(null));
    minutes.setValue(plan.budget().time().map(time -> time.toMillis() / 60_000.0).orElse(null));
    maxFlops.setValue(plan.limits().multiplyAdds().map(most -> 2e-6 * most).orElse(null));
    maxParameters.setValue(plan.limits().parameters().map(most -> 1e-3 * most).orElse(null));
    strategy.setValue(plan.strategy());
    objectives.setValue(plan.aims().objectives());
    maxLatency.setValue(
        plan.aims().constraints().stream()
            .filter(each -> each.objective() == Objective.LATENCY)
            .map(Aims.Constraint::most)
            .findFirst()
            .orElse(null));
    otherConstraints =
        plan.aims().constraints().stream()
            .filter(each -> each.objective() != Objective.LATENCY)
            .toList();
    halving.setValue(plan.halving().isPresent());
    inherit.setValue(plan.initialWeights() == InitialWeights.INHERITED);
    copiedHalving = plan.halving();
    copiedStart = plan.start();
    seed.setValue(Math.toIntExact(Math.clamp(plan.seed(), 0, Integer.MAX_VALUE)));
    Recipe recipe = plan.recipe();
    epochs.setValue(recipe.epochs());
    batch.setValue(recipe.batch());
    learningRate.setValue(recipe.learningRate());
    weightDecay.setValue(recipe.weightDecay());
    warmup.setValue(recipe.warmupEpochs());
    smoothing.setValue(recipe.labelSmoothing());
    clip.setValue(recipe.clipNorm());
    dropPath.setValue(recipe.dropPath());
    shift.setValue(recipe.shift());
    weightsStart.setValue(recipe.start());
    flip.setValue(recipe.flip() ? "where the data allows it" : "never");
    filling = false;
    readData();
  }

  private void changed() {
    if (!filling && given instanceof Data.Read(DataSetSummary set)) {
      estimate.of(set, this::space, this::limits);
    }
  }

  private boolean ownData() {
    return OTHER.equals(data.getValue());
  }

  private Optional<String> dataName() {
    return Optional.of(ownData() ? folder.getValue().strip() : data.getValue())
        .filter(given -> !given.isEmpty());
  }

  /** Reads the data set, so that what is wrong with it is said soon and beside it. */
  private void readData() {
    if (filling) {
      return;
    }
    folder.setInvalid(false);
    Optional<String> named = dataName();
    if (named.isEmpty()) {
      estimate.readNothing();
      given(new Data.Unnamed());
      return;
    }
    given(new Data.Reading());
    estimate.read(
        named.get(), set -> given(new Data.Read(set)), why -> given(new Data.Refused(why)));
  }

  private void given(Data data) {
    given = data;
    switch (data) {
      case Data.Unnamed() -> dataNote.setText("");
      case Data.Reading() -> {
        dataNote.setText("Reading %s …".formatted(dataName().orElse("")));
        return;
      }
      case Data.Read(DataSetSummary set) -> {
        dataNote.setText(
            "%s: %s; %d to train, %d to validate, %d to test. Licence: %s."
                .formatted(
                    set.name(),
                    set.task().text(),
                    set.counts().train(),
                    set.counts().validation(),
                    set.counts().test(),
                    set.licence()));
        suit(set.task());
        changed();
      }
      case Data.Refused(String why) -> {
        dataNote.setText("");
        folder.setErrorMessage(why);
        folder.setInvalid(true);
      }
    }
    if (startWaits) {
      startWaits = false;
      waiting.setVisible(false);
      start();
    }
  }

  /** Offers only what networks for a task can be made of. */
  private void suit(Task task) {
    var admission = new Admission(task, catalogue);
    Stream.of(mixers, channelMixers, norms, positions)
        .forEach(picker -> picker.admit(admission::admits));
    boolean images = task.sequence().isEmpty();
    List<String> shown =
        LAYOUTS.stream().filter(each -> admission.refusalOfLayout(each).isEmpty()).toList();
    List<String> left = layouts.getValue().stream().filter(shown::contains).toList();
    filling = true; // there is none for a moment
    layouts.setItems(shown);
    layouts.setValue(left.isEmpty() ? shown : left);
    filling = false;
    List.<Component>of(patches, shift, flip).forEach(field -> field.setVisible(images));
  }

  private void startWhenRead() {
    problem.setVisible(false);
    switch (given) {
      case Data.Unnamed(), Data.Read _ -> start();
      case Data.Reading() -> waitToStart();
      case Data.Refused _ -> {
        waitToStart(); // it may have been mended
        readData();
      }
    }
  }

  private void waitToStart() {
    startWaits = true;
    waiting.setText("Starts once the data is read …");
    waiting.setVisible(true);
  }

  private void start() {
    Optional<StudyPlan> plan;
    try {
      plan = plan();
    } catch (RuntimeException e) {
      complain(Aside.reason(e));
      return;
    }
    if (plan.isEmpty()) {
      complain("Some fields need another value; each says which.");
      return;
    }
    begin.setEnabled(false);
    Aside.run("start a study", () -> service.start(plan.get()), this::started, this::complain);
  }

  private void started(Study study) {
    begin.setEnabled(true);
    // who has gone to another page meanwhile is left there
    getUI().ifPresent(ui -> ui.navigate("study/" + study.id()));
  }

  private void complain(String words) {
    begin.setEnabled(true);
    problem.setText(words);
    problem.setVisible(true);
  }

  /** The plan, if every field allows one; else each field that does not says so. */
  private Optional<StudyPlan> plan() {
    var wrong = new ArrayList<Object>();
    int length = name.getValue().strip().length();
    require(
        wrong,
        name,
        length > 0 && length <= LONGEST_NAME,
        length == 0 ? "A study needs a name" : "At most %d characters".formatted(LONGEST_NAME));
    switch (given) {
      case Data.Unnamed() -> require(wrong, folder, false, "Which folder or name?");
      case Data.Reading() -> throw new IllegalStateException("The data set is still being read");
      case Data.Refused(String why) -> require(wrong, folder, false, why);
      case Data.Read _ -> require(wrong, folder, true, "");
    }
    require(wrong, mixers, "Allow at least one token mixer");
    require(wrong, channelMixers, "Allow at least one channel mixer");
    require(wrong, norms, "Allow at least one norm");
    require(wrong, positions, "Allow at least one, 'no position' if you want none");
    require(wrong, layouts, !layouts.getValue().isEmpty(), "Choose at least one");
    require(wrong, patches, !patches.getValue().isEmpty(), "Choose at least one");
    require(wrong, widths, !widths.getValue().isEmpty(), "Choose at least one");
    require(wrong, minDepth, filled(minDepth), "From 1 to 48");
    require(
        wrong,
        maxDepth,
        filled(maxDepth) && (!filled(minDepth) || maxDepth.getValue() >= minDepth.getValue()),
        "From the fewest layers to 48");
    boolean endless = blank(trials) && blank(minutes);
    require(
        wrong,
        trials,
        !endless && (blank(trials) || filled(trials)),
        endless ? "Give a number of networks, a time, or both" : "From 1 to 1000000");
    positive(wrong, minutes);
    positive(wrong, maxFlops);
    positive(wrong, maxLatency);
    int aims = objectives.getValue().size();
    require(wrong, objectives, aims == 2 || aims == 3, "Choose two or three");
    boolean tooFew = halving.getValue() && filled(epochs) && epochs.getValue() < 2;
    require(wrong, halving, !tooFew, "Needs at least 2 epochs a network");
    positive(wrong, maxParameters);
    require(wrong, seed, filled(seed), "A whole number from 0");
    require(wrong, epochs, filled(epochs), "From 1 to 10000");
    require(wrong, batch, filled(batch), "From 1 to 4096");
    require(wrong, shift, filled(shift), "From 0 to 64");
    within(wrong, learningRate, rate -> rate > 0 && rate <= 10, "More than 0, at most 10");
    within(wrong, weightDecay, decay -> decay >= 0 && decay <= 10, "From 0 to 10");
    within(
        wrong,
        warmup,
        long1 -> long1 >= 0 && filled(epochs) && long1 <= epochs.getValue(),
        "From 0 to the number of epochs");
    within(wrong, smoothing, share -> share >= 0 && share < 1, "At least 0, less than 1");
    within(wrong, clip, norm -> norm >= 0, "At least 0; 0 for no limit");
    within(wrong, dropPath, share -> share >= 0 && share < 1, "At least 0, less than 1");
    return wrong.isEmpty() ? Optional.of(filledPlan()) : Optional.empty();
  }

  private StudyPlan filledPlan() {
    return new StudyPlan(
        name.getValue().strip(),
        dataName().orElseThrow(),
        space(),
        new Recipe(
            epochs.getValue(),
            batch.getValue(),
            learningRate.getValue(),
            weightDecay.getValue(),
            warmup.getValue(),
            smoothing.getValue(),
            clip.getValue(),
            dropPath.getValue(),
            shift.getValue(),
            !flip.getValue().equals("never"),
            0,
            weightsStart.getValue()),
        new Budget(
            Optional.ofNullable(trials.getValue()),
            Optional.ofNullable(minutes.getValue())
                .map(given -> Duration.ofMillis(Math.max(1, Math.round(given * 60_000))))),
        limits(),
        strategy.getValue(),
        seed.getValue(),
        aims(),
        halving.getValue() ? Optional.of(halvingOf(epochs.getValue())) : Optional.empty(),
        toBeginWith(),
        inherit.getValue() ? InitialWeights.INHERITED : InitialWeights.DRAWN);
  }

  private Aims aims() {
    var constraints = new ArrayList<>(otherConstraints);
    Optional.ofNullable(maxLatency.getValue())
        .ifPresent(most -> constraints.add(new Aims.Constraint(Objective.LATENCY, most)));
    return new Aims(objectives.getValue().stream().sorted().toList(), constraints);
  }

  /** As in the plan that is copied, as long as that suits the epochs. */
  private SuccessiveHalving halvingOf(int most) {
    return copiedHalving
        .filter(copied -> copied.firstEpochs() < most)
        .orElseGet(() -> SuccessiveHalving.standard(most));
  }

  private List<Architecture> toBeginWith() {
    var networks = new ArrayList<>(copiedStart);
    start.getValue().stream().sorted().map(Presets::byName).forEach(networks::add);
    for (Study study : startStudies.getValue()) {
      ParetoFront.of(store.trials(study.id()), study.plan().aims()).points().stream()
          .map(Trial::architecture)
          .forEach(networks::add);
    }
    return networks.stream().distinct().toList();
  }

  private SearchSpace space() {
    return new SearchSpace(
        layouts.getValue().stream().sorted().toList(),
        mixers.allowed(),
        channelMixers.allowed(),
        norms.allowed(),
        positions.allowed(),
        patches.getValue().stream().sorted().toList(),
        widths.getValue().stream().sorted().toList(),
        Optional.ofNullable(minDepth.getValue()).orElse(0),
        Optional.ofNullable(maxDepth.getValue()).orElse(0),
        macro);
  }

  private Limits limits() {
    return new Limits(
        Optional.ofNullable(maxFlops.getValue()).map(most -> Math.round(most * 1e6 / 2)),
        Optional.ofNullable(maxParameters.getValue()).map(most -> Math.round(most * 1e3)));
  }

  private static <F extends Component & HasValidation> void require(
      List<Object> wrong, F field, boolean holds, String wanted) {
    field.setInvalid(!holds);
    if (!holds) {
      field.setErrorMessage(wanted);
      reveal(field);
      wrong.add(field);
    }
  }

  private static void require(List<Object> wrong, BlockPicker picker, String wanted) {
    boolean holds = !picker.allowed().isEmpty();
    picker.complain(holds ? "" : wanted);
    if (!holds) {
      reveal(picker);
      wrong.add(picker);
    }
  }

  /** Opens the parts of the page that a field is folded away in. */
  private static void reveal(Component field) {
    field
        .getParent()
        .ifPresent(
            parent -> {
              if (parent instanceof Details part) {
                part.setOpened(true);
              }
              reveal(parent);
            });
  }

  private static void positive(List<Object> wrong, NumberField field) {
    require(
        wrong,
        field,
        blank(field) || (field.getValue() != null && field.getValue() > 0),
        "More than 0, or nothing for no limit");
  }

  private static void within(
      List<Object> wrong, NumberField field, Function<Double, Boolean> holds, String wanted) {
    require(wrong, field, field.getValue() != null && holds.apply(field.getValue()), wanted);
  }

  /** Whether nothing is written there: what is no number has no value either. */
  private static <N extends Number> boolean blank(AbstractNumberField<?, N> field) {
    return field.isEmpty()
        && !field.getDefaultValidator().apply(field.getValue(), new ValueContext(field)).isError();
  }

  private static boolean filled(IntegerField field) {
    return field.getValue() != null
        && field.getValue() >= field.getMin()
        && field.getValue() <= field.getMax();
  }

  private static IntegerField whole(String label, int least, int greatest) {
    var field = new IntegerField(label);
    field.setMin(least);
    field.setMax(greatest);
    field.setManualValidation(true);
    return field;
  }

  private static NumberField number(String label) {
    var field = new NumberField(label);
    field.setManualValidation(true);
    return field;
  }

  private static <T> MultiSelectComboBox<T> choices(String label) {
    var box = new MultiSelectComboBox<T>(label);
    box.setManualValidation(true);
    box.setAutoExpand(MultiSelectComboBox.AutoExpandMode.VERTICAL);
    return box;
  }

  private static Paragraph paragraph(String text) {
    var paragraph = new Paragraph(text);
    paragraph.addClassName("faint");
    return paragraph;
  }
}
