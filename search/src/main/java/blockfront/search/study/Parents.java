package blockfront.search.study;

import blockfront.search.space.Genome.Gene;
import blockfront.search.trial.Parent;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import blockfront.search.trial.TrialState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * From which network each inherits its weights: of those whose training had ended when it was asked
 * for, the one that differs in the fewest genes. Ordered genes differ by how far their choices are
 * apart. Belongs to the studies' thread.
 */
final class Parents {

  private final List<Gene> genes;
  private final WeightFiles weights;
  private final Map<TrialId, List<Integer>> alleles = new HashMap<>();
  private final Map<TrialId, Instant> trained = new HashMap<>();

  Parents(List<Gene> genes, WeightFiles weights) {
    this.genes = genes;
    this.weights = weights;
  }

  /** A network became a trial. */
  void tried(TrialId trial, List<Integer> canonical) {
    alleles.put(trial, canonical);
  }

  /** A trial has ended; if it was trained here, it has left weights. */
  void ended(Trial trial) {
    if (trial.state() instanceof TrialState.Finished finished
        && trial.measurement().isPresent()
        && trial.provenance().isPresent()) {
      trained.put(trial.id(), finished.at());
    }
  }

  /** Always the same for a trial, whenever it is asked; empty for the first of a study. */
  Optional<Parent> of(Trial child) {
    List<Integer> own = alleles.getOrDefault(child.id(), List.of());
    Optional<Parent> nearest = Optional.empty();
    double least = Double.POSITIVE_INFINITY;
    for (Map.Entry<TrialId, Instant> each : trained.entrySet()) {
      if (each.getValue().isBefore(child.created())) {
        TrialId id = each.getKey();
        double distance = distance(own, alleles.getOrDefault(id, List.of()));
        boolean older = nearest.map(known -> id.number() < known.trial()).orElse(true);
        Path file = weights.of(id);
        if ((distance < least || (distance == least && older)) && Files.isRegularFile(file)) {
          least = distance;
          nearest = Optional.of(new Parent(id.number(), file));
        }
      }
    }
    return nearest;
  }

  private double distance(List<Integer> one, List<Integer> other) {
    if (one.size() != genes.size() || other.size() != genes.size()) {
      return Double.POSITIVE_INFINITY; // it was never proposed here
    }
    double sum = 0;
    for (int i = 0; i < genes.size(); i++) {
      int apart = Math.abs(one.get(i) - other.get(i));
      Gene gene = genes.get(i);
      sum += gene.ordinal() ? apart / Math.max(1.0, gene.choices() - 1.0) : Math.min(1, apart);
    }
    return sum;
  }
}
