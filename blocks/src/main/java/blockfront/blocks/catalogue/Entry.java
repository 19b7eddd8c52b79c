package blockfront.blocks.catalogue;

import blockfront.blocks.spi.Category;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Technique;
import blockfront.blocks.spi.Traits;
import java.util.List;

/** A technique as the catalogue lists it. */
record Entry(
    String id,
    String title,
    String summary,
    String family,
    Category category,
    Source source,
    Traits traits,
    List<Knob<?>> knobs)
    implements Technique {

  Entry {
    knobs = List.copyOf(knobs);
  }
}
