package blockfront.search.data;

/**
 * A score that is known without training, by the metric of its data set.
 *
 * @param name what reaches it, for people
 */
public record Baseline(String name, double score) {}
