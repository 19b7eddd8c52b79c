package blockfront.web.study;

import blockfront.search.study.ExamplePlans;
import blockfront.search.study.ParetoFront;
import blockfront.search.study.Progress;
import blockfront.search.study.Study;
import blockfront.search.study.StudyEvent;
import blockfront.search.study.StudyService;
import blockfront.search.study.StudyState;
import blockfront.search.study.StudyStore;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import blockfront.web.page.Aside;
import blockfront.web.page.Figures;
import blockfront.web.page.LiveRefresh;
import blockfront.web.page.Parts;
import com.vaadin.flow.component.Component;
import com.vaadin.flow.component.UI;
import com.vaadin.flow.component.button.Button;
import com.vaadin.flow.component.button.ButtonVariant;
import com.vaadin.flow.component.confirmdialog.ConfirmDialog;
import com.vaadin.flow.component.grid.Grid;
import com.vaadin.flow.component.html.Anchor;
import com.vaadin.flow.component.html.Div;
import com.vaadin.flow.component.html.Paragraph;
import com.vaadin.flow.component.icon.VaadinIcon;
import com.vaadin.flow.component.progressbar.ProgressBar;
import com.vaadin.flow.router.PageTitle;
import com.vaadin.flow.router.Route;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The first page: all studies, and one button to begin. */
@Route("")
@PageTitle("Studies · Blockfront")
final class StudiesView extends Div {

  private static final long serialVersionUID = 1;

  private static final Logger LOG = LoggerFactory.getLogger(StudiesView.class);

  private final transient StudyStore store;
  private final transient StudyService service;
  private final transient EndedStudies ended;
  private final transient Map<Long, Reading> known = new HashMap<>();
  private final transient Set<TrialId> changed = ConcurrentHashMap.newKeySet();
  private final transient List<Line> lines = new ArrayList<>();
  private final Grid<Line> grid = new Grid<>();
  private final Component none =
      Parts.empty("No studies yet", "Start the example search, or plan a study of your own.");

  /**
   * What was read of a study and is derived from that.
   *
   * @param trials by number, changed with the page locked
   */
  private record Reading(
      Study study, Map<Integer, Trial> trials, Progress progress, ParetoFront front) {

    static Reading of(Study study, Map<Integer, Trial> trials) {
      return new Reading(
          study,
          trials,
          Progress.of(study, List.copyOf(trials.values())),
          ParetoFront.of(trials.values(), study.plan().aims()));
    }

    /** Whether nothing is to be read again. */
    boolean holds(Study now, List<TrialId> heard) {
      return heard.isEmpty() && study.equals(now);
    }

    Line line() {
      String best =
          front
              .best()
              .flatMap(Trial::measurement)
              .map(shown -> shown.metric().text(shown.validationScore()))
              .orElse(Line.NOTHING);
      return Line.of(study, progress.share(), best, front.points().size());
    }
  }

  /** What the table shows of a study. */
  record Line(
      long id,
      String name,
      StudyState state,
      String data,
      double share,
      String best,
      int onFront,
      Instant begun) {

    private static final String NOTHING = "–";

    /** Of a study whose networks cannot be read: it can still be told and deleted. */
    static Line unread(Study study) {
      return of(study, 0, NOTHING, 0);
    }

    private static Line of(Study study, double share, String best, int onFront) {
      return new Line(
          study.id(),
          study.plan().name(),
          study.state(),
          study.plan().data(),
          share,
          best,
          onFront,
          study.created());
    }
  }

  StudiesView(StudyStore store, StudyService service, EndedStudies ended) {
    this.store = store;
    this.service = service;
    this.ended = ended;
    addClassName("page");
    add(hero(), none, studies());
    LiveRefresh.of(this, service, this::readAll, this::seen, this::refresh);
  }

  /** Forgets what it knows and reads all of it. */
  void readAll() {
    known.clear();
    refresh();
  }

  void seen(StudyEvent event) {
    switch (event) {
      case StudyEvent.TrialChanged(TrialId trial) -> changed.add(trial);
      case StudyEvent.EpochFinished _, StudyEvent.StudyChanged _ -> {} // studies are read anyway
    }
  }

  private Component hero() {
    var text =
        new Div(
            Parts.title("Which mixer, where, buys how much accuracy?"),
            paragraph(
                "Blockfront proposes networks of the blocks you allow, trains each on your data,"
                    + " and shows the front of accuracy against FLOPs as it grows."));
    var example = new Button("Start the example search", VaadinIcon.PLAY.create());
    example.addThemeVariants(ButtonVariant.PRIMARY, ButtonVariant.LARGE);
    example.setId("start-example");
    example.setDisableOnClick(true);
    example.addClickListener(_ -> startExample(example));
    var plan = new Button("Plan a study", _ -> UI.getCurrent().navigate("new"));
    return Parts.div("hero", text, Parts.div("actions", example, plan));
  }

  private static Paragraph paragraph(String text) {
    var paragraph = new Paragraph(text);
    paragraph.addClassName("lead");
    return paragraph;
  }

  private void startExample(Button button) {
    Aside.run(
        "start the example",
        () -> service.start(ExamplePlans.DIGITS.plan()),
        // who has gone to another page meanwhile is left there
        study -> getUI().ifPresent(ui -> ui.navigate("study/" + study.id())),
        why -> {
          Parts.warn(why);
          button.setEnabled(true);
        });
  }

  private Component studies() {
    grid.setId("studies");
    grid.setItems(lines).setIdentifierProvider(Line::id);
    grid.setAllRowsVisible(true);
    grid.addComponentColumn(line -> new Anchor("study/" + line.id(), line.name()))
        .setHeader("Study")
        .setFlexGrow(2)
        .setAutoWidth(true);
    grid.addComponentColumn(line -> Parts.badge(line.state()))
        .setHeader("State")
        .setAutoWidth(true)
        .setFlexGrow(0);
    var data = grid.addColumn(Line::data).setHeader("Data").setAutoWidth(true);
    var progress =
        grid.addComponentColumn(StudiesView::progress).setHeader("Budget used").setAutoWidth(true);
    grid.addColumn(Line::best).setHeader("Best").setAutoWidth(true).setFlexGrow(0);
    var onFront =
        grid.addColumn(Line::onFront).setHeader("On the front").setAutoWidth(true).setFlexGrow(0);
    var begun =
        grid.addColumn(line -> Figures.minute(line.begun())).setHeader("Begun").setAutoWidth(true);
    grid.addComponentColumn(this::deletion).setAutoWidth(true).setFlexGrow(0);
    Parts.whenNarrow(
        grid,
        narrow -> List.of(data, progress, onFront, begun).forEach(c -> c.setVisible(!narrow)));
    return grid;
  }

  private static Component progress(Line line) {
    var bar = new ProgressBar(0, 1, line.share());
    bar.setWidth("110px");
    bar.getElement().setAttribute("aria-label", "Budget used");
    return bar;
  }

  private Component deletion(Line line) {
    var button = new Button(VaadinIcon.TRASH.create());
    button.addThemeVariants(ButtonVariant.TERTIARY);
    button.setAriaLabel("Delete " + line.name());
    button.setEnabled(line.state().ended());
    button.setTooltipText(line.state().ended() ? "Delete" : "Stop the study before you delete it");
    button.addClickListener(_ -> confirmDeletion(line));
    return button;
  }

  private void confirmDeletion(Line line) {
    var dialog = new ConfirmDialog();
    dialog.setHeader("Delete '%s'?".formatted(line.name()));
    dialog.setText("Its networks, curves and trained weights are gone for good.");
    dialog.setCancelable(true);
    dialog.setConfirmText("Delete");
    dialog.setConfirmButtonTheme("error primary");
    dialog.addConfirmListener(
        _ -> {
          if (!service.delete(line.id())) {
            Parts.warn("Study '%s' goes on; stop it first".formatted(line.name()));
          }
          refresh();
        });
    dialog.open();
  }

  void refresh() {
    List<TrialId> heard = List.copyOf(changed);
    heard.forEach(changed::remove);
    Map<Long, List<TrialId>> byStudy =
        heard.stream().collect(Collectors.groupingBy(TrialId::study));
    List<Study> all = store.studies();
    Set<Long> ids = all.stream().map(Study::id).collect(Collectors.toSet());
    known.keySet().retainAll(ids);
    ended.retain(ids);
    draw(
        all.stream()
            .map(study -> line(study, byStudy.getOrDefault(study.id(), List.of())))
            .toList());
    none.setVisible(all.isEmpty());
    grid.setVisible(!all.isEmpty());
  }

  private Line line(Study study, List<TrialId> heard) {
    if (!study.state().ended()) {
      return read(study, heard).line();
    }
    known.remove(study.id());
    try {
      return ended.line(
          study.id(), () -> Reading.of(study, byNumber(store.trials(study.id()))).line());
    } catch (RuntimeException e) {
      LOG.warn("Study {} cannot be read", study.id(), e);
      return Line.unread(study);
    }
  }

  /** Of a study that goes on, only trials of which something was heard. */
  private Reading read(Study study, List<TrialId> heard) {
    Optional<Reading> before = Optional.ofNullable(known.get(study.id()));
    if (before.filter(reading -> reading.holds(study, heard)).isPresent()) {
      return before.get();
    }
    Map<Integer, Trial> trials =
        before.map(Reading::trials).orElseGet(() -> byNumber(store.trials(study.id())));
    heard.forEach(id -> store.trial(id).ifPresent(now -> trials.put(id.number(), now)));
    var reading = Reading.of(study, trials);
    known.put(study.id(), reading);
    return reading;
  }

  private static Map<Integer, Trial> byNumber(List<Trial> trials) {
    var byNumber = new TreeMap<Integer, Trial>();
    trials.forEach(trial -> byNumber.put(trial.id().number(), trial));
    return byNumber;
  }

  /** Touches only lines that are different: who is about to press a key in one keeps it. */
  private void draw(List<Line> now) {
    if (!now.stream().map(Line::id).toList().equals(lines.stream().map(Line::id).toList())) {
      lines.clear();
      lines.addAll(now);
      grid.getListDataView().refreshAll();
      return;
    }
    for (int i = 0; i < now.size(); i++) {
      if (!now.get(i).equals(lines.get(i))) {
        lines.set(i, now.get(i));
        grid.getListDataView().refreshItem(now.get(i));
      }
    }
  }
}
