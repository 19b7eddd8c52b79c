package blockfront.web.cli;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.spi.Block;
import blockfront.blocks.spi.Category;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Traits;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Lists the catalogue. */
@Command(
    name = "blocks",
    description = "Lists the blocks that networks can be made of.",
    mixinStandardHelpOptions = true)
final class BlocksCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Catalogue catalogue = Catalogue.load();
    if (json) {
      ArrayNode list = Json.list();
      catalogue.all().forEach(block -> put(list.addObject(), block));
      out.println(Json.text(list));
    } else {
      for (Category category : Category.values()) {
        List<Block> blocks = catalogue.all(category);
        if (!blocks.isEmpty()) {
          out.printf("%n%s%n", category.text());
          blocks.forEach(block -> print(out, block));
        }
      }
    }
    out.flush();
    return 0;
  }

  private static void print(PrintWriter out, Block block) {
    String knobs =
        String.join(
            " ", block.knobs().stream().map(knob -> knob.name() + "=" + knob.standard()).toList());
    out.printf(
        "  %-20s %-32s %-14s %s%n", block.id(), block.title(), block.traits().complexity(), knobs);
  }

  private static void put(ObjectNode node, Block block) {
    node.put("id", block.id());
    node.put("title", block.title());
    node.put("category", block.category().text());
    node.put("role", block.role().text());
    node.put("family", block.family());
    node.put("summary", block.summary());
    Traits traits = block.traits();
    ObjectNode traitsNode = node.putObject("traits");
    traitsNode.put("mixes", word(traits.mixes()));
    traitsNode.put("causal", word(traits.causality()));
    traitsNode.put("layout", word(traits.layout()));
    traitsNode.put("complexity", traits.complexity());
    traitsNode.put("linear", traits.linear());
    traitsNode.put("fixedTokens", traits.fixedTokens());
    ArrayNode knobs = node.putArray("knobs");
    for (Knob<?> knob : block.knobs()) {
      ObjectNode knobNode = knobs.addObject();
      knobNode.put("name", knob.name());
      knobNode.put("meaning", knob.meaning());
      knobNode.put("type", word(knob.type().getSimpleName()));
      knobNode.putPOJO("standard", knob.standard());
      knob.choices().forEach(knobNode.putArray("choices")::addPOJO);
      knob.bounds().forEach(knobNode.putArray("bounds")::addPOJO);
    }
    ObjectNode source = node.putObject("source");
    source.put("title", block.source().title());
    source.put("authors", block.source().authors());
    source.put("year", block.source().year());
    source.put("address", block.source().address());
  }

  private static String word(Object name) {
    return name.toString().toLowerCase(Locale.ROOT);
  }
}
