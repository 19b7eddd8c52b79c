package blockfront.search.export;

import static org.assertj.core.api.Assertions.assertThat;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.spi.Block;
import blockfront.search.data.DataSet;
import blockfront.search.train.SmallNetworks;
import blockfront.search.train.SmallTrainings;
import blockfront.search.train.TrainedNetwork;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PytorchFilesTest {

  private static final int SAMPLES = 100;
  private static final Catalogue CATALOGUE = Catalogue.load();

  /** Asks the network in each folder, and says how far its answers are from the expected. */
  private static final String SCRIPT =
      """
      import importlib.util, sys
      from pathlib import Path
      import torch

      def floats(file, *shape):
          content = bytearray(file.read_bytes())
          return torch.frombuffer(content, dtype=torch.float32).reshape(*shape)

      for folder in map(Path, sys.argv[1:]):
          try:
              spec = importlib.util.spec_from_file_location(folder.name, folder / "model.py")
              model = importlib.util.module_from_spec(spec)
              spec.loader.exec_module(model)
              network = model.load()
              shape, answer, classes = map(eval, (folder / "shapes").read_text().split("\\n"))
              with torch.no_grad():
                  logits = network(floats(folder / "inputs", -1, *shape))
              apart = (logits - floats(folder / "logits", -1, *answer)).abs().max().item()
              wrong = "" if apart <= 1e-4 else f"differs by {apart}"
              if len(model.CLASSES) != classes:
                  wrong = f"has classes {model.CLASSES}"
          except Exception as problem:
              wrong = f"{type(problem).__name__}: {problem}"
          print(f"{folder.name}: {wrong or 'fine'}", flush=True)
      """;

  @TempDir private Path folder;

  /** One Python for all: it takes seconds to get ready. */
  @Test
  void everyBlockAnswersInPytorchAsInTheTrainer() throws Exception {
    String python = pythonWithTorch();
    List<Block> blocks = CATALOGUE.all();
    for (Block block : blocks) {
      write(block);
    }
    List<String> command =
        Stream.concat(
                Stream.of(python, "-c", SCRIPT),
                blocks.stream().map(block -> folder.resolve(block.id()).toString()))
            .toList();
    assertThat(output(command))
        .containsExactlyElementsOf(blocks.stream().map(block -> block.id() + ": fine").toList());
  }

  @Test
  void theSourceIsWrittenToBeRead() throws IOException {
    write(CATALOGUE.block("softmax_mha"));
    String source = Files.readString(folder.resolve("softmax_mha").resolve("model.py"));
    assertThat(source)
        .contains("Input: float32 [batch, 8, 8, 1], values 0 to 255. Output: logits [batch, 10].")
        .contains("def _stages_0_blocks_0(self, ")
        .contains("torch.softmax(")
        .contains("self.stages[0].blocks[0].channel.expand.weight")
        .doesNotContain("%");
  }

  private void write(Block block) throws IOException {
    Path home = Files.createDirectories(folder.resolve(block.id()));
    DataSet data = SmallTrainings.data(block);
    Architecture architecture = SmallNetworks.with(block, data.task());
    Path weights = SmallTrainings.weights(block, CATALOGUE);
    try (var network = TrainedNetwork.load(architecture, CATALOGUE, weights)) {
      PytorchFiles.write(home, "A network of " + block.title(), network, data);
      List<float[]> answers =
          network.answers(data.test(), data.normalisation()).subList(0, SAMPLES);
      write(home.resolve("inputs"), List.of(data.test().raw(0, SAMPLES)));
      Files.writeString(
          home.resolve("shapes"),
          "%s\n%s\n%d".formatted(data.shape(), data.task().output(), data.classes().size()));
      write(home.resolve("logits"), answers);
    }
  }

  private static void write(Path file, List<float[]> rows) throws IOException {
    int count = rows.stream().mapToInt(row -> row.length).sum();
    ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
    for (float[] row : rows) {
      for (float value : row) {
        bytes.putFloat(value);
      }
    }
    Files.write(file, bytes.array());
  }

  /** That of the environment variable {@code BLOCKFRONT_PYTHON}, else the usual one. */
  private static String pythonWithTorch() throws Exception {
    String python = Optional.ofNullable(System.getenv("BLOCKFRONT_PYTHON")).orElse("python3");
    List<String> answer;
    try {
      answer = output(List.of(python, "-c", "import torch; print('here')"));
    } catch (IOException e) {
      answer = List.of(String.valueOf(e.getMessage()));
    }
    Assumptions.assumeTrue(
        answer.contains("here"),
        "needs a Python with PyTorch, '%s' is none; set BLOCKFRONT_PYTHON".formatted(python));
    return python;
  }

  private static List<String> output(List<String> command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return Arrays.stream(output.split("\n")).filter(line -> !line.isBlank()).toList();
  }
}
