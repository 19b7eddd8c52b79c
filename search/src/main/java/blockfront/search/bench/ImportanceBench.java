package blockfront.search.bench;

import blockfront.blocks.cost.Cost;
import blockfront.blocks.network.Architecture;
import blockfront.search.space.Genome.Gene;
import blockfront.search.space.GenomeCodec;
import blockfront.search.study.Aims;
import blockfront.search.study.Insight;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import blockfront.search.trial.TrialState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * How long it takes to say which choices matter in a study of so many networks, drawn from a real
 * space, whose results are made up.
 *
 * @param trials networks of the study, all measured
 * @param space of the networks
 */
public record ImportanceBench(int trials, GenomeCodec space) {

  private static final int RUNS = 5;

  public ImportanceBench {
    if (trials < 2) {
      throw new IllegalArgumentException("Importance bench needs at least 2 trials, got " + trials);
    }
  }

  /**
   * Of several runs after one to warm up.
   *
   * @param choices that were told apart
   * @param median milliseconds
   * @param longest milliseconds
   */
  public record Report(int trials, int choices, double median, double longest) {}

  public Report run() {
    List<Trial> study = study();
    int choices = Insight.of(study, Aims.STANDARD).choices().size();
    var milliseconds = new double[RUNS];
    for (int run = 0; run < RUNS; run++) {
      long began = System.nanoTime();
      choices = Math.max(choices, Insight.of(study, Aims.STANDARD).choices().size());
      milliseconds[run] = (System.nanoTime() - began) / 1e6;
    }
    Arrays.sort(milliseconds);
    return new Report(trials, choices, milliseconds[RUNS / 2], milliseconds[RUNS - 1]);
  }

  private List<Trial> study() {
    var random = new SplittableRandom(1);
    var study = new ArrayList<Trial>();
    for (int number = 1; number <= trials; number++) {
      var alleles = new ArrayList<Integer>();
      for (Gene gene : space.genes()) {
        alleles.add(random.nextInt(gene.choices()));
      }
      double skill = 0;
      for (int gene = 0; gene < alleles.size(); gene++) {
        skill += (double) alleles.get(gene) / space.genes().get(gene).choices() / (1 + gene);
      }
      double accuracy = 1 / (1 + Math.exp(-skill)) - 0.02 * random.nextDouble();
      long multiplyAdds = Math.round(1e6 * Math.exp(skill));
      study.add(trial(number, space.decode(alleles), accuracy, multiplyAdds));
    }
    return study;
  }

  private static Trial trial(
      int number, Architecture architecture, double accuracy, long multiplyAdds) {
    var measured = new Measurement(Metric.ACCURACY, accuracy, 0.5, accuracy, 10, 1, List.of());
    return new Trial(
        new TrialId(1, number),
        String.valueOf(number),
        architecture,
        new Cost(multiplyAdds, multiplyAdds / 100, 0, 0, 0, 0),
        number - 1,
        List.of(),
        Instant.EPOCH,
        new TrialState.Finished(1, new Outcome.Trained(measured), Instant.EPOCH),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }
}
