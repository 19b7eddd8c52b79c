package blockfront.web.cli;

/** Work for the end of the process, if a signal ends it before this is closed. */
final class OnSignal implements AutoCloseable {

  private final Thread hook;

  private OnSignal(Runnable work) {
    hook = Thread.ofPlatform().name("on signal").unstarted(work);
  }

  static OnSignal does(Runnable work) {
    var waiting = new OnSignal(work);
    Runtime.getRuntime().addShutdownHook(waiting.hook);
    return waiting;
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // a signal came before: the work is being done
    }
  }
}
