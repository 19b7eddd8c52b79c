package blockfront.web.cli;

import blockfront.search.data.DataSetSummary;
import blockfront.search.data.DataSets;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Describes data sets. */
@Command(
    name = "data",
    description = "Lists the built-in data sets, or reads others and says what is in them.",
    mixinStandardHelpOptions = true)
final class DataCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "NAME",
      arity = "0..*",
      description =
          "A built-in set; or a folder: IDX files, CIFAR binary files, or one sub-folder of PNG"
              + " or JPEG images a class; or a set that is made by a rule:"
              + " mqar:vocabulary=128,length=64,pairs=4 (also gap, a, random, train, test, seed),"
              + " icl_regression:dimensions=5,examples=20 (also sigma, train, test, seed),"
              + " text:FILE or text:length=128,FILE (bytes, the next to be told),"
              + " sequences:FILE.csv (columns label and one of tokens, text, values),"
              + " pixels:digits (images as sequences).")
  private List<String> names = List.of();

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    List<DataSetSummary> sets =
        (names.isEmpty() ? DataSets.builtIn() : names)
            .stream().map(DataSets::load).map(DataSetSummary::of).toList();
    if (json) {
      ArrayNode list = Json.list();
      sets.forEach(set -> put(list.addObject(), set));
      out.println(Json.text(list));
    } else {
      for (DataSetSummary set : sets) {
        out.printf(
            "%s: %s; %,d to train, %,d to validate, %,d to test; by %s; licence: %s%n",
            set.name(),
            set.task().text(),
            set.counts().train(),
            set.counts().validation(),
            set.counts().test(),
            set.metric().title(),
            set.licence());
      }
    }
    out.flush();
    return 0;
  }

  private static void put(ObjectNode node, DataSetSummary set) {
    node.put("name", set.name());
    node.put("task", set.task().text());
    node.put("metric", set.metric().title());
    node.put("input", set.task().input().text());
    ArrayNode classes = node.putArray("classes");
    set.classes().forEach(classes::add);
    node.put("train", set.counts().train());
    node.put("validation", set.counts().validation());
    node.put("test", set.counts().test());
    node.put("hash", set.hash());
    node.put("licence", set.licence());
  }
}
