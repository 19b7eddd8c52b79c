package blockfront.web.front;

import com.vaadin.flow.component.ClientCallable;
import com.vaadin.flow.component.Component;
import com.vaadin.flow.component.ComponentEvent;
import com.vaadin.flow.component.ComponentEventListener;
import com.vaadin.flow.component.HasSize;
import com.vaadin.flow.component.HasStyle;
import com.vaadin.flow.component.Tag;
import com.vaadin.flow.component.dependency.JavaScript;
import com.vaadin.flow.shared.Registration;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** A chart that the browser draws with ECharts from a description; see {@link Charts}. */
@Tag("blockfront-chart")
@JavaScript("context://vendor/echarts/echarts.min.js")
@JavaScript("context://blockfront/chart.js")
public final class Chart extends Component implements HasSize, HasStyle {

  /**
   * An empty chart.
   *
   * @param label what it shows, for those who cannot see it
   */
  public Chart(String label) {
    // not an image: what ECharts tells of the numbers is inside, and heard too
    getElement().setAttribute("role", "figure");
    getElement().setAttribute("aria-label", label);
  }

  /** Draws something else, or the same with other numbers. */
  public void show(JsonNode description) {
    // a property, so that a page that is attached again gets it again
    getElement().setProperty("description", description.toString());
  }

  /** A point was chosen. */
  public static final class Picked extends ComponentEvent<Chart> {
    private final int number;

    Picked(Chart source, int number) {
      super(source, true);
      this.number = number;
    }

    /** Which, as the description numbers them. */
    public int number() {
      return number;
    }
  }

  /** A rectangle was marked, or no longer is: then it holds everything. */
  public static final class Brushed extends ComponentEvent<Chart> {
    private final Area area;

    Brushed(Chart source, Area area) {
      super(source, true);
      this.area = area;
    }

    public Area area() {
      return area;
    }
  }

  /** Some of the lines of a parallel chart were marked, or none: then all are meant. */
  public static final class Chosen extends ComponentEvent<Chart> {
    private final Set<Integer> numbers;

    Chosen(Chart source, Set<Integer> numbers) {
      super(source, true);
      this.numbers = Set.copyOf(numbers);
    }

    /** As the description numbers them; empty if nothing is marked. */
    public Set<Integer> numbers() {
      return numbers;
    }
  }

  /** A rectangle in the units of the axes. */
  public record Area(double left, double right, double bottom, double top) {

    public static final Area ALL =
        new Area(
            Double.NEGATIVE_INFINITY,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            Double.POSITIVE_INFINITY);

    public boolean holds(double x, double y) {
      return x >= left && x <= right && y >= bottom && y <= top;
    }
  }

  public Registration onPicked(ComponentEventListener<Picked> listener) {
    return addListener(Picked.class, listener);
  }

  public Registration onBrushed(ComponentEventListener<Brushed> listener) {
    return addListener(Brushed.class, listener);
  }

  public Registration onChosen(ComponentEventListener<Chosen> listener) {
    return addListener(Chosen.class, listener);
  }

  @ClientCallable
  void chosen(String numbers) {
    fireEvent(
        new Chosen(
            this,
            Arrays.stream(numbers.split(","))
                .filter(text -> !text.isEmpty())
                .map(Integer::valueOf)
                .collect(Collectors.toSet())));
  }

  @ClientCallable
  void picked(int number) {
    fireEvent(new Picked(this, number));
  }

  @ClientCallable
  void brushed(double left, double right, double bottom, double top) {
    fireEvent(new Brushed(this, new Area(left, right, bottom, top)));
  }

  @ClientCallable
  void unbrushed() {
    fireEvent(new Brushed(this, Area.ALL));
  }
}
