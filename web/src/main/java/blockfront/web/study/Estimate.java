package blockfront.web.study;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.search.data.DataSetSummary;
import blockfront.search.data.DataSets;
import blockfront.search.space.Advice;
import blockfront.search.space.SearchSpace;
import blockfront.search.study.Limits;
import blockfront.search.study.SpaceProbe;
import blockfront.web.page.Aside;
import blockfront.web.page.Figures;
import blockfront.web.page.Parts;
import com.vaadin.flow.component.UI;
import com.vaadin.flow.component.html.Div;
import com.vaadin.flow.component.html.H2;
import com.vaadin.flow.component.html.Span;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** How great a space is and what its networks cost, from looking at some; made aside. */
final class Estimate extends Div {

  private static final long serialVersionUID = 1;

  private static final ExecutorService ASIDE =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("space estimate").factory());

  /** Of the built-in sets, which stay as they are: read once, not for every page. */
  private static final Map<String, DataSetSummary> BUILT_IN = new ConcurrentHashMap<>();

  private final transient Catalogue catalogue;
  private final transient AtomicLong latest = new AtomicLong();
  private final transient AtomicLong latestReading = new AtomicLong();
  private final Div facts = Parts.div("facts");
  private final Span problem = Parts.status("problem"); // it follows what is typed

  Estimate(Catalogue catalogue) {
    this.catalogue = catalogue;
    addClassName("card");
    setId("estimate");
    problem.setVisible(false);
    add(new H2("What this search looks at"), facts, problem);
  }

  /**
   * Describes a data set: at once if it is known, else it is read aside.
   *
   * <p>Nobody is told anything if another set is asked for before this one is read.
   *
   * @param done told of the set, with the page locked
   * @param refused told what is wrong with it, with the page locked
   */
  void read(String name, Consumer<DataSetSummary> done, Consumer<String> refused) {
    long number = latestReading.incrementAndGet();
    Optional<DataSetSummary> known = Optional.ofNullable(BUILT_IN.get(name));
    if (known.isPresent()) {
      done.accept(known.get());
      return;
    }
    UI ui = UI.getCurrent();
    ASIDE.execute(
        () -> {
          if (latestReading.get() == number) {
            Runnable told = reading(name, done, refused);
            Aside.show(
                ui,
                () -> {
                  if (latestReading.get() == number) {
                    told.run();
                  }
                });
          }
        });
  }

  /** What is being read is no longer wanted. */
  void readNothing() {
    latestReading.incrementAndGet();
  }

  private static Runnable reading(
      String name, Consumer<DataSetSummary> done, Consumer<String> refused) {
    try {
      var set = DataSetSummary.of(DataSets.load(name));
      if (DataSets.builtIn().contains(name)) {
        BUILT_IN.put(name, set);
      }
      return () -> done.accept(set);
    } catch (RuntimeException | Error e) { // a set may not fit into memory
      return () -> refused.accept(Aside.reason(e));
    }
  }

  void of(DataSetSummary data, Supplier<SearchSpace> space, Supplier<Limits> limits) {
    UI ui = UI.getCurrent();
    long number = latest.incrementAndGet();
    SearchSpace asked;
    Limits kept;
    try {
      asked = space.get();
      kept = limits.get();
    } catch (IllegalArgumentException e) {
      complain(String.valueOf(e.getMessage()));
      return;
    }
    var _ =
        ASIDE.submit(
            () -> {
              if (latest.get() == number) {
                probe(ui, number, data, asked, kept);
              }
            });
  }

  private void probe(UI ui, long number, DataSetSummary set, SearchSpace space, Limits limits) {
    Runnable shown;
    try {
      SpaceProbe probe = SpaceProbe.of(space, limits, set.task(), catalogue);
      List<String> advice = Advice.about(space, catalogue, Integer.MAX_VALUE);
      shown = () -> show(set, probe, limits, advice);
    } catch (IllegalArgumentException e) {
      shown = () -> complain(String.valueOf(e.getMessage()));
    }
    Runnable last = shown;
    Aside.show(
        ui,
        () -> {
          if (latest.get() == number) {
            last.run();
          }
        });
  }

  private void show(DataSetSummary set, SpaceProbe probe, Limits limits, List<String> advice) {
    facts.removeAll();
    fact(
        "Data",
        "%s, %s examples".formatted(set.task().text(), Figures.exact(set.counts().total())));
    fact("Choices", Figures.power(probe.size()));
    if (probe.looked() > 0) {
      fact(
          "FLOPs",
          "%s to %s"
              .formatted(
                  Figures.flops(probe.leastMultiplyAdds()),
                  Figures.flops(probe.greatestMultiplyAdds())));
      fact(
          "Parameters",
          "%s to %s"
              .formatted(
                  Figures.count(probe.leastParameters()),
                  Figures.count(probe.greatestParameters())));
      fact("Within the limits", "%d of %d looked at".formatted(probe.within(), probe.fitting()));
    }
    String refusal = probe.refusal(limits).orElse(String.join(". ", advice));
    problem.setText(refusal);
    problem.setVisible(!refusal.isEmpty());
  }

  private void complain(String words) {
    facts.removeAll();
    problem.setText(words);
    problem.setVisible(true);
  }

  private void fact(String name, String value) {
    facts.add(new Span(name), new Span(value));
  }
}
