package blockfront.web.architecture;

import blockfront.search.export.NetworkFiles.Format;
import blockfront.search.study.FinalPlan;
import blockfront.search.study.Study;
import blockfront.search.study.StudyService;
import blockfront.search.trial.Deployment;
import blockfront.search.trial.FinalRun;
import blockfront.search.trial.FinalTraining;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import blockfront.web.page.Exports;
import blockfront.web.page.Figures;
import blockfront.web.page.Parts;
import com.vaadin.flow.component.Component;
import com.vaadin.flow.component.button.Button;
import com.vaadin.flow.component.button.ButtonVariant;
import com.vaadin.flow.component.dialog.Dialog;
import com.vaadin.flow.component.html.Div;
import com.vaadin.flow.component.html.NativeTable;
import com.vaadin.flow.component.html.NativeTableCell;
import com.vaadin.flow.component.html.NativeTableHeaderCell;
import com.vaadin.flow.component.html.NativeTableRow;
import com.vaadin.flow.component.textfield.IntegerField;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What comes after the search: trainings to the end, and how exported models do. */
final class Afterwards extends Div {

  private static final long serialVersionUID = 1;

  private final transient StudyService service;
  private final transient Exports exports;
  private final transient Errands errands;
  private final transient Study study;
  private final transient TrialId id;

  Afterwards(
      StudyService service,
      Exports exports,
      Errands errands,
      Study study,
      Trial trial,
      FinalTraining finals) {
    this.service = service;
    this.exports = exports;
    this.errands = errands;
    this.study = study;
    this.id = trial.id();
    addClassName("halves");
    add(training(trial.measurement().orElseThrow(), finals), deployment(trial, finals));
  }

  // ---- final training

  private Component training(Measurement searched, FinalTraining finals) {
    Div card = Parts.card("Trained to the end");
    card.setId("final");
    if (finals.runs().isEmpty()) {
      card.add(
          Parts.text(
              "faint",
              "Longer than in the search, with several seeds, stopped early by validation, and"
                  + " reported on the test set once. It is no trial: the search does not see it."));
    } else {
      card.add(Parts.div("table-scroll", runs(searched, finals)));
    }
    Div actions = Parts.div("actions");
    if (finals.ended()) {
      var train =
          new Button(
              finals.runs().isEmpty() ? "Train to the end" : "Train with more seeds", _ -> ask());
      train.setId("train-final");
      train.addThemeVariants(ButtonVariant.PRIMARY);
      actions.add(train);
    } else {
      actions.add(new Button("Stop these trainings", _ -> service.cancelFinal(id)));
    }
    finals
        .best()
        .ifPresent(
            best -> {
              String words = ", seed %d".formatted(best.seed());
              actions.add(
                  exports.link("ONNX" + words, id, Format.ONNX, Exports.Weights.FINAL),
                  exports.link("Everything" + words, id, Format.ALL, Exports.Weights.FINAL));
            });
    card.add(actions);
    return card;
  }

  private static Component runs(Measurement searched, FinalTraining finals) {
    NativeTable table = table("", "Epochs", "Validation", "Test", "Time");
    table.add(
        row(
            "In the search",
            String.valueOf(searched.epochs()),
            searched.metric().text(searched.validationScore()),
            searched.metric().text(searched.testScore()),
            Figures.seconds(searched.seconds())));
    for (FinalRun run : finals.runs()) {
      String name = "Seed %d".formatted(run.seed());
      table.add(
          run.measurement()
              .map(
                  measurement ->
                      row(
                          name,
                          String.valueOf(measurement.epochs()),
                          measurement.metric().text(measurement.validationScore()),
                          measurement.metric().text(measurement.testScore()),
                          Figures.seconds(measurement.seconds())))
              .orElseGet(() -> row(name, run.outcome().map(Afterwards::word).orElse("training"))));
    }
    finals
        .validation()
        .filter(_ -> finals.trained().size() > 1)
        .ifPresent(
            validation ->
                table.add(
                    row(
                        "Mean ± deviation",
                        "",
                        spread(searched.metric(), validation),
                        spread(searched.metric(), finals.test().orElseThrow()),
                        "")));
    return table;
  }

  private static String word(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Trained _ -> "trained";
      case Outcome.StoppedEarly _ -> "stopped early";
      case Outcome.Cancelled() -> "cancelled";
      case Outcome.Failed(Outcome.Reason _, String detail) -> detail;
    };
  }

  /** In a dialog: the page around it may be drawn again meanwhile. */
  private void ask() {
    FinalPlan standard = FinalPlan.after(study.plan().recipe());
    IntegerField seeds = field("Seeds", standard.seeds(), 100);
    IntegerField epochs = field("Epochs, at most", standard.epochs(), 10_000);
    IntegerField patience = field("Patience, epochs", standard.patience(), 10_000);
    patience.setHelperText("Ends after so many epochs without a better validation score");
    var dialog = new Dialog("Train to the end");
    dialog.add(Parts.div("stack", seeds, epochs, patience));
    var begin =
        new Button(
            "Train",
            _ -> {
              if (Stream.of(seeds, epochs, patience).noneMatch(IntegerField::isInvalid)) {
                begin(seeds.getValue(), epochs.getValue(), patience.getValue());
                dialog.close();
              }
            });
    begin.setId("begin-final");
    begin.addThemeVariants(ButtonVariant.PRIMARY);
    dialog.getFooter().add(new Button("Cancel", _ -> dialog.close()), begin);
    dialog.open();
  }

  private void begin(int seeds, int epochs, int patience) {
    try {
      service.trainFinal(id, new FinalPlan(seeds, epochs, patience));
      Parts.tell("Training with %d seeds".formatted(seeds));
    } catch (IllegalArgumentException e) {
      Parts.warn(String.valueOf(e.getMessage()));
    }
  }

  private static IntegerField field(String label, int value, int most) {
    var field = new IntegerField(label);
    field.setMin(1);
    field.setMax(most);
    field.setValue(value);
    field.setRequired(true);
    field.setStepButtonsVisible(true);
    return field;
  }

  // ---- exported models

  private Component deployment(Trial trial, FinalTraining finals) {
    Div card = Parts.card("In ONNX Runtime");
    card.setId("deployment");
    Optional<FinalRun> best = finals.best();
    NativeTable table = table("", "Test", "Time for one", "Size");
    trial.deployment().ifPresent(measured -> add(table, "", measured));
    best.flatMap(FinalRun::deployment).ifPresent(measured -> add(table, ", to the end", measured));
    boolean known =
        trial.deployment().isPresent() || best.flatMap(FinalRun::deployment).isPresent();
    card.add(
        known
            ? Parts.div("table-scroll", table)
            : Parts.text(
                "faint",
                "Exported models, as trained and quantised to 8 bits, on the whole test set; one"
                    + " thread, one example at a time."));
    Div actions = Parts.div("actions");
    if (trial.deployment().isEmpty()) {
      actions.add(measure("Measure, 8 bits too", Exports.Weights.OF_THE_SEARCH));
    }
    if (best.filter(run -> run.deployment().isEmpty()).isPresent()) {
      actions.add(measure("Measure, trained to the end", Exports.Weights.FINAL));
    }
    card.add(actions);
    return card;
  }

  private static void add(NativeTable table, String what, Deployment measured) {
    table.add(
        row("float32" + what, measured.metric(), measured.float32()),
        row("int8" + what, measured.metric(), measured.int8()));
    table.add(row("Lost by 8 bits", measured.metric().text(measured.drop())));
  }

  private static NativeTableRow row(String name, Metric metric, Deployment.Model model) {
    return row(
        name,
        metric.text(model.testScore()),
        String.format(Locale.ROOT, "%.3f ms", model.milliseconds()),
        Figures.bytes(model.bytes()));
  }

  private Component measure(String label, Exports.Weights which) {
    return errands.button(
        "measure-" + which.name().toLowerCase(Locale.ROOT).replace('_', '-'),
        label,
        () -> {
          Deployment measured = exports.measure(id, which);
          return "8 bits lose " + measured.metric().text(measured.drop());
        });
  }

  // ---- tables

  private static NativeTable table(String... heads) {
    var table = new NativeTable();
    table.addClassName("figures");
    var row = new NativeTableRow();
    for (String name : heads) {
      var cell = new NativeTableHeaderCell(name);
      if (row.getComponentCount() > 0) {
        cell.addClassName("number");
      }
      row.add(cell);
    }
    table.add(row);
    return table;
  }

  private static NativeTableRow row(String name, String... figures) {
    var row = new NativeTableRow();
    row.add(new NativeTableCell(name));
    for (String figure : List.of(figures)) {
      var cell = new NativeTableCell(figure);
      cell.addClassName("number");
      row.add(cell);
    }
    return row;
  }

  private static String spread(Metric metric, FinalTraining.Spread spread) {
    return metric.text(spread.mean()) + " ± " + metric.text(spread.deviation());
  }
}
