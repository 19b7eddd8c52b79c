package blockfront.db;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.h2.api.ErrorCode;
import org.h2.jdbcx.JdbcConnectionPool;

/** A directory with the database of one Blockfront, held from opening to closing. */
final class DataDirectory implements AutoCloseable {

  static final String USER = "blockfront";

  private static final String DATABASE = "blockfront";

  /**
   * PostgreSQL's ways, so that the same SQL runs there; each commit is in the file before it
   * returns; waiters for a row outwait any transaction; only closing the store closes the database.
   */
  private static final String OPTIONS =
      ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH"
          + ";WRITE_DELAY=0;LOCK_TIMEOUT=30000;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0";

  // H2 keeps other processes out, but would share one database within a process
  private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final JdbcConnectionPool connections;
  private final AtomicBoolean closed = new AtomicBoolean();

  private DataDirectory(Path directory, JdbcConnectionPool connections) {
    this.directory = directory;
    this.connections = connections;
  }

  /** Where JDBC finds the database of a directory. */
  static String address(Path directory) {
    return "jdbc:h2:file:" + directory.resolve(DATABASE) + OPTIONS;
  }

  /** Opens a directory, made if it is missing, and brings its tables up to date. */
  static DataDirectory open(Path path) {
    Path directory = writable(path);
    if (!OPEN.add(directory)) {
      throw inUse(path);
    }
    var connections = JdbcConnectionPool.create(address(directory), USER, "");
    var opened = new DataDirectory(directory, connections);
    try {
      opened.connect(path);
      opened.migrate(path);
      return opened;
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  Path path() {
    return directory;
  }

  DataSource connections() {
    return connections;
  }

  @Override
  public void close() {
    // a second closing must not let go of a directory that somebody opened since
    if (!closed.getAndSet(true)) {
      connections.dispose();
      OPEN.remove(directory);
    }
  }

  private static Path writable(Path path) {
    if (path.toAbsolutePath().toString().contains(";")) {
      throw new StoreException("Data directory %s must not have a ';' in its path".formatted(path));
    }
    try {
      Files.createDirectories(path);
      // permissions alone do not tell: the whole file system may be read-only
      Files.delete(Files.createTempFile(path, "write", ".check"));
      return path.toRealPath();
    } catch (IOException e) {
      throw cannotWrite(path, e);
    }
  }

  private void connect(Path path) {
    Path file = directory.resolve(DATABASE + ".mv.db");
    if (Files.exists(file) && !Files.isWritable(file)) {
      throw new StoreException("Cannot write to the database " + file);
    }
    try {
      connections.getConnection().close();
    } catch (SQLException e) {
      if (e.getErrorCode() == ErrorCode.DATABASE_ALREADY_OPEN_1) {
        throw inUse(path);
      }
      throw new StoreException(
          "Cannot read the database %s, which may be damaged; it was left as it is: %s"
              .formatted(file, firstLine(e)),
          e);
    }
  }

  private void migrate(Path path) {
    try {
      Flyway.configure(DataDirectory.class.getClassLoader())
          .dataSource(connections)
          .locations("classpath:db/migration")
          // tables of a later version are not ours to write to
          .ignoreMigrationPatterns(new String[0])
          .load()
          .migrate();
    } catch (FlywayException e) {
      throw new StoreException(
          "The data directory %s is of another version of Blockfront: %s"
              .formatted(path, firstLine(e)),
          e);
    }
  }

  private static StoreException inUse(Path path) {
    return new StoreException("Data directory %s is in use by another Blockfront".formatted(path));
  }

  private static StoreException cannotWrite(Path path, IOException cause) {
    return new StoreException("Cannot write to the data directory " + path, cause);
  }

  /** What H2 and Flyway say first; the rest is SQL and advice that is not for our users. */
  static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
