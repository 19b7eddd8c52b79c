package blockfront.blocks.catalogue;

import blockfront.blocks.spi.Block;
import blockfront.blocks.spi.Category;
import blockfront.blocks.spi.ChannelMixer;
import blockfront.blocks.spi.Downsampling;
import blockfront.blocks.spi.Head;
import blockfront.blocks.spi.Layout;
import blockfront.blocks.spi.Norm;
import blockfront.blocks.spi.Position;
import blockfront.blocks.spi.Role;
import blockfront.blocks.spi.Stem;
import blockfront.blocks.spi.Technique;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Wrapper;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All blocks that networks can be made of, by id.
 *
 * <p>Immutable. Lists are ordered by role, then by id, and so the same on every machine. Each
 * look-up throws {@link IllegalArgumentException} for an unknown id, naming the known ones.
 */
public final class Catalogue {

  private final List<Block> blocks;
  private final SortedMap<String, Block> byId;

  private Catalogue(Collection<? extends Block> blocks) {
    var byId = new TreeMap<String, Block>();
    for (Block block : blocks) {
      Block other = byId.put(block.id(), block);
      if (other != null) {
        throw new IllegalArgumentException(
            "Two blocks have the id '%s': %s and %s"
                .formatted(block.id(), other.getClass().getName(), block.getClass().getName()));
      }
    }
    this.byId = Collections.unmodifiableSortedMap(byId);
    this.blocks = byId.values().stream().sorted(Comparator.comparing(Block::role)).toList();
  }

  /** The blocks on the class path that are registered with {@link ServiceLoader}. */
  public static Catalogue load() {
    var blocks = new ArrayList<Block>();
    ServiceLoader.load(TokenMixer.class).forEach(blocks::add);
    ServiceLoader.load(ChannelMixer.class).forEach(blocks::add);
    ServiceLoader.load(Wrapper.class).forEach(blocks::add);
    ServiceLoader.load(Norm.class).forEach(blocks::add);
    ServiceLoader.load(Stem.class).forEach(blocks::add);
    ServiceLoader.load(Downsampling.class).forEach(blocks::add);
    ServiceLoader.load(Position.class).forEach(blocks::add);
    ServiceLoader.load(Head.class).forEach(blocks::add);
    ServiceLoader.load(Layout.class).forEach(blocks::add);
    blocks.addAll(Techniques.ALL);
    return of(blocks);
  }

  /**
   * A catalogue of given blocks.
   *
   * @throws IllegalArgumentException if two have the same id, naming their classes
   */
  public static Catalogue of(Collection<? extends Block> blocks) {
    return new Catalogue(blocks);
  }

  public List<Block> all() {
    return blocks;
  }

  public List<Block> all(Category category) {
    return blocks.stream().filter(block -> block.category() == category).toList();
  }

  public List<Block> all(Role role) {
    return blocks.stream().filter(block -> block.role() == role).toList();
  }

  public List<TokenMixer> tokenMixers() {
    return all(TokenMixer.class);
  }

  public List<ChannelMixer> channelMixers() {
    return all(ChannelMixer.class);
  }

  public List<Wrapper> wrappers() {
    return all(Wrapper.class);
  }

  public List<Norm> norms() {
    return all(Norm.class);
  }

  public List<Stem> stems() {
    return all(Stem.class);
  }

  public List<Downsampling> downsamplings() {
    return all(Downsampling.class);
  }

  public List<Position> positions() {
    return all(Position.class);
  }

  public List<Head> heads() {
    return all(Head.class);
  }

  public List<Layout> layouts() {
    return all(Layout.class);
  }

  public List<Technique> techniques() {
    return all(Technique.class);
  }

  public Optional<Block> find(String id) {
    return Optional.ofNullable(byId.get(id));
  }

  /** The block of an id, whatever its role. */
  public Block block(String id) {
    return find(id)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "No block '%s'; known are %s".formatted(id, byId.keySet())));
  }

  public TokenMixer tokenMixer(String id) {
    return named(id, Role.TOKEN_MIXER, TokenMixer.class);
  }

  public ChannelMixer channelMixer(String id) {
    return named(id, Role.CHANNEL_MIXER, ChannelMixer.class);
  }

  public Wrapper wrapper(String id) {
    return named(id, Role.WRAPPER, Wrapper.class);
  }

  public Norm norm(String id) {
    return named(id, Role.NORM, Norm.class);
  }

  public Stem stem(String id) {
    return named(id, Role.STEM, Stem.class);
  }

  public Downsampling downsampling(String id) {
    return named(id, Role.DOWNSAMPLING, Downsampling.class);
  }

  public Position position(String id) {
    return named(id, Role.POSITION, Position.class);
  }

  public Head head(String id) {
    return named(id, Role.HEAD, Head.class);
  }

  public Layout layout(String id) {
    return named(id, Role.LAYOUT, Layout.class);
  }

  private <B extends Block> List<B> all(Class<B> type) {
    return blocks.stream().filter(type::isInstance).map(type::cast).toList();
  }

  private <B extends Block> B named(String id, Role role, Class<B> type) {
    return find(id)
        .filter(type::isInstance)
        .map(type::cast)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "No %s '%s'; known are %s"
                        .formatted(role.text(), id, all(type).stream().map(Block::id).toList())));
  }
}
