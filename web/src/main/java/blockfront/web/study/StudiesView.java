package blockfront.web.study;

import blockfront.search.study.ExamplePlans;
import blockfront.search.study.ParetoFront;
import blockfront.search.study.Progress;
import blockfront.search.study.Study;
import blockfront.search.study.StudyEvent;
import blockfront.search.study.StudyService;
import blockfront.search.study.StudyStore;
import blockfront.search.trial.Trial;
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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** The first page: all studies, and one button to begin. */
@Route("")
@PageTitle("Studies · Blockfront")
final class StudiesView extends Div {

  private static final long serialVersionUID = 1;

  private final transient StudyStore store;
  private final transient StudyService service;
  private final transient Map<Long, Line> known = new ConcurrentHashMap<>();
  private final transient Set<Long> changed = ConcurrentHashMap.newKeySet();
  private final Grid<Line> grid = new Grid<>();
  private final Component none =
      Parts.empty("No studies yet", "Start the example search, or plan a study of your own.");

  /** A study and what is derived from its trials. */
  private record Line(Study study, Progress progress, ParetoFront front) {}

  StudiesView(StudyStore store, StudyService service) {
    this.store = store;
    this.service = service;
    addClassName("page");
    add(hero(), none, studies());
    LiveRefresh.of(this, service, this::readAll, this::seen, this::refresh);
  }

  private void readAll() {
    store.studies().forEach(study -> changed.add(study.id()));
    refresh();
  }

  private void seen(StudyEvent event) {
    if (!(event instanceof StudyEvent.EpochFinished)) {
      changed.add(event.study());
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
    var plan = new Button("Plan a study", _ -> go("new"));
    return Parts.div("hero", text, Parts.div("actions", example, plan));
  }

  private static Paragraph paragraph(String text) {
    var paragraph = new Paragraph(text);
    paragraph.addClassName("lead");
    return paragraph;
  }

  private void startExample(Button button) {
    try {
      Study study = service.start(ExamplePlans.DIGITS.plan());
      go("study/" + study.id());
    } catch (IllegalArgumentException e) {
      Parts.warn(String.valueOf(e.getMessage()));
      button.setEnabled(true);
    }
  }

  private Component studies() {
    grid.setId("studies");
    grid.setAllRowsVisible(true);
    grid.addComponentColumn(
            line -> new Anchor("study/" + line.study().id(), line.study().plan().name()))
        .setHeader("Study")
        .setFlexGrow(2)
        .setAutoWidth(true);
    grid.addComponentColumn(line -> Parts.badge(line.study().state()))
        .setHeader("State")
        .setAutoWidth(true)
        .setFlexGrow(0);
    var data =
        grid.addColumn(line -> line.study().plan().data()).setHeader("Data").setAutoWidth(true);
    var progress =
        grid.addComponentColumn(StudiesView::progress).setHeader("Budget used").setAutoWidth(true);
    grid.addColumn(
            line ->
                line.front()
                    .best()
                    .flatMap(Trial::measurement)
                    .map(best -> best.metric().text(best.validationScore()))
                    .orElse("–"))
        .setHeader("Best")
        .setAutoWidth(true)
        .setFlexGrow(0);
    var onFront =
        grid.addColumn(line -> line.front().points().size())
            .setHeader("On the front")
            .setAutoWidth(true)
            .setFlexGrow(0);
    var begun =
        grid.addColumn(line -> Figures.minute(line.study().created()))
            .setHeader("Begun")
            .setAutoWidth(true);
    grid.addComponentColumn(this::deletion).setAutoWidth(true).setFlexGrow(0);
    Parts.whenNarrow(
        grid,
        narrow -> List.of(data, progress, onFront, begun).forEach(c -> c.setVisible(!narrow)));
    return grid;
  }

  private static Component progress(Line line) {
    var bar = new ProgressBar(0, 1, line.progress().share());
    bar.setWidth("110px");
    bar.getElement().setAttribute("aria-label", "Budget used");
    return bar;
  }

  private Component deletion(Line line) {
    var button = new Button(VaadinIcon.TRASH.create());
    button.addThemeVariants(ButtonVariant.TERTIARY);
    button.setAriaLabel("Delete " + line.study().plan().name());
    button.setEnabled(line.study().state().ended());
    button.setTooltipText(
        line.study().state().ended() ? "Delete" : "Stop the study before you delete it");
    button.addClickListener(_ -> confirmDeletion(line.study()));
    return button;
  }

  private void confirmDeletion(Study study) {
    var dialog = new ConfirmDialog();
    dialog.setHeader("Delete '%s'?".formatted(study.plan().name()));
    dialog.setText("Its networks, curves and trained weights are gone for good.");
    dialog.setCancelable(true);
    dialog.setConfirmText("Delete");
    dialog.setConfirmButtonTheme("error primary");
    dialog.addConfirmListener(
        _ -> {
          if (!service.delete(study.id())) {
            Parts.warn("Study '%s' goes on; stop it first".formatted(study.plan().name()));
          }
          refresh();
        });
    dialog.open();
  }

  private void refresh() {
    List<Study> all = store.studies();
    Set<Long> ids = all.stream().map(Study::id).collect(Collectors.toSet());
    boolean anew = known.keySet().retainAll(ids);
    for (Study study : all) {
      if (changed.remove(study.id()) || !study.state().ended()) {
        List<Trial> trials = store.trials(study.id());
        known.put(
            study.id(),
            new Line(
                study, Progress.of(study, trials), ParetoFront.of(trials, study.plan().aims())));
        anew = true;
      }
    }
    if (anew) {
      grid.setItems(all.stream().map(study -> known.get(study.id())).toList());
    }
    none.setVisible(all.isEmpty());
    grid.setVisible(!all.isEmpty());
  }

  private static void go(String path) {
    UI.getCurrent().navigate(path);
  }
}
