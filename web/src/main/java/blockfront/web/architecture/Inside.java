package blockfront.web.architecture;

import blockfront.search.trial.Inspection;
import blockfront.search.trial.TrialId;
import blockfront.web.page.Exports;
import blockfront.web.page.Figures;
import blockfront.web.page.Parts;
import com.vaadin.flow.component.Component;
import com.vaadin.flow.component.html.Div;
import com.vaadin.flow.component.html.H2;
import com.vaadin.flow.component.html.NativeTable;
import com.vaadin.flow.component.html.NativeTableCell;
import com.vaadin.flow.component.html.NativeTableHeaderCell;
import com.vaadin.flow.component.html.NativeTableRow;
import com.vaadin.flow.component.html.Span;
import com.vaadin.flow.component.textfield.NumberField;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What probes saw inside a trained network, or the button that sends them. */
final class Inside extends Div {

  private static final long serialVersionUID = 1;

  Inside(Exports exports, Errands errands, TrialId id, Optional<Inspection> known) {
    addClassName("card");
    setId("inspection");
    add(new H2("Inside"));
    known.ifPresentOrElse(
        this::show,
        () ->
            add(
                Parts.text(
                    "faint",
                    "Probes look at the activations of each layer, at where attention goes and at"
                        + " spikes, while the network answers test examples.")));
    if (exports.has(id)) {
      add(
          Parts.div(
              "actions",
              errands.button(
                  "inspect",
                  known.isPresent() ? "Look again" : "Look inside",
                  () -> {
                    exports.inspect(id);
                    return "";
                  })));
    }
  }

  private void show(Inspection seen) {
    add(
        Parts.text("faint", "While it answered %d test examples".formatted(seen.examples())),
        Parts.div("halves", Parts.div("stack", layers(seen)), Parts.div("stack", facts(seen))));
  }

  private static Component layers(Inspection seen) {
    var table = new NativeTable();
    table.addClassName("figures");
    var head = new NativeTableRow(new NativeTableHeaderCell("Output of"));
    List.of("Greatest", "Median", "Kurtosis").forEach(name -> head.add(numeric(name)));
    table.add(head);
    for (Inspection.Layer layer : seen.layers()) {
      var name = new NativeTableCell(Parts.text("mono", layer.scope()));
      if (layer.massive()) {
        name.add(Parts.badge("massive", "failed"));
      }
      table.add(
          new NativeTableRow(
              name, number(layer.greatest()), number(layer.median()), number(layer.kurtosis())));
    }
    return Parts.div("table-scroll", table);
  }

  private static NativeTableHeaderCell numeric(String name) {
    var cell = new NativeTableHeaderCell(name);
    cell.addClassName("number");
    return cell;
  }

  private static NativeTableCell number(double value) {
    var cell = new NativeTableCell(String.format(Locale.ROOT, "%.3g", value));
    cell.addClassName("number");
    return cell;
  }

  private static Component facts(Inspection seen) {
    Div facts = Parts.div("facts");
    add(facts, "Mean kurtosis", "%.2f; 3 is normal".formatted(seen.meanKurtosis()));
    seen.attention()
        .ifPresentOrElse(
            attention -> {
              add(
                  facts,
                  "Sink: attention to the first token",
                  "%s; evenly spread %s"
                      .formatted(
                          Figures.percent(attention.sinkMass()),
                          Figures.percent(attention.evenMass())));
              add(
                  facts,
                  "Entropy of attention",
                  "%s of the greatest".formatted(Figures.percent(attention.entropy())));
              add(
                  facts,
                  "Attention to the token looked at most",
                  Figures.percent(attention.topMass()));
            },
            () -> add(facts, "Attention", "none among tokens"));
    Inspection.Activity activity = seen.activity();
    add(facts, "Products of numbers", Figures.count(Math.round(activity.multiplyAdds())));
    if (activity.mostSpikeOperations() > 0) {
      add(
          facts,
          "Spike operations",
          "%s of %s, %s"
              .formatted(
                  Figures.count(Math.round(activity.spikeOperations())),
                  Figures.count(activity.mostSpikeOperations()),
                  Figures.percent(activity.rate())));
    }
    return Parts.div("stack", facts, energy(activity));
  }

  private static void add(Div facts, String name, String value) {
    facts.add(new Span(name), new Span(value));
  }

  /** For costs of operations that a person may change. */
  private static Component energy(Inspection.Activity activity) {
    NumberField number =
        field("pJ a multiply-add", Inspection.Energy.STANDARD.picojoulesPerMultiplyAdd());
    NumberField spike =
        field("pJ a spike operation", Inspection.Energy.STANDARD.picojoulesPerSpike());
    Span result = Parts.text("tile-value", "");
    Runnable count =
        () -> {
          if (number.isEmpty() || spike.isEmpty() || number.isInvalid() || spike.isInvalid()) {
            result.setText("–");
          } else {
            var energy = new Inspection.Energy(number.getValue(), spike.getValue());
            result.setText(Figures.energy(energy.picojoules(activity)));
          }
        };
    number.addValueChangeListener(_ -> count.run());
    spike.addValueChangeListener(_ -> count.run());
    spike.setVisible(activity.mostSpikeOperations() > 0);
    count.run();
    Div tile = Parts.div("tile", Parts.text("tile-name", "Energy of an answer"), result);
    return Parts.div("form", tile, number, spike);
  }

  private static NumberField field(String label, double value) {
    var field = new NumberField(label);
    field.setMin(0);
    field.setValue(value);
    return field;
  }
}
