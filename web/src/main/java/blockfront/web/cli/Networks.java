package blockfront.web.cli;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.preset.Presets;
import blockfront.search.space.ArchitectureJson;
import blockfront.search.space.JsonReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which network a command is about: a file or a published one. */
final class Networks {

  @ArgGroup(multiplicity = "1")
  private Chosen chosen = new Chosen();

  @Option(
      names = "--trial",
      paramLabel = "ID",
      description = "Which network of a file that holds several, as front.json does.")
  private Optional<Integer> trial = Optional.empty();

  /** One of the two. */
  static final class Chosen {
    @Parameters(
        paramLabel = "ARCH.json",
        arity = "0..1",
        description = "A network: what exports and front.json hold.")
    private Optional<Path> file = Optional.empty();

    @Option(names = "--preset", paramLabel = "NAME", description = "A published network.")
    private Optional<String> preset = Optional.empty();
  }

  /** A network and what to call it. */
  record Named(String name, Architecture architecture) {}

  Named named(Catalogue catalogue) {
    return chosen
        .preset
        .map(name -> new Named(name, Presets.byName(name)))
        .orElseGet(() -> read(file(), catalogue));
  }

  private Path file() {
    return chosen.file.orElseThrow(
        () ->
            new IllegalArgumentException(
                "Which network? Name a file that holds one, or a published one by --preset"));
  }

  private Named read(Path file, Catalogue catalogue) {
    String text = TextFile.read(file);
    try {
      JsonReader document = JsonReader.of(text);
      return new Named(file.toString(), ArchitectureJson.read(network(document), catalogue));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** The network itself, an object that has one, or the one of a list that is meant. */
  private JsonReader network(JsonReader document) {
    if (!document.isList()) {
      return document.find("architecture").orElse(document);
    }
    List<JsonReader> entries = document.elements();
    if (trial.isEmpty() && entries.size() == 1) {
      return entries.getFirst().at("architecture");
    }
    List<Integer> numbers = entries.stream().map(entry -> entry.at("trial").integer()).toList();
    int wanted =
        trial.orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Holds %d networks; say which by --trial, one of %s"
                        .formatted(entries.size(), numbers)));
    if (!numbers.contains(wanted)) {
      throw new IllegalArgumentException(
          "Has no trial %d; there are %s".formatted(wanted, numbers));
    }
    return entries.get(numbers.indexOf(wanted)).at("architecture");
  }
}
