package blockfront.search.trial;

import java.nio.file.Path;

/**
 * A network whose trained weights another begins with, wherever name and shape agree.
 *
 * @param trial its number in the same study
 * @param weights the file that its training wrote
 */
public record Parent(int trial, Path weights) {}
