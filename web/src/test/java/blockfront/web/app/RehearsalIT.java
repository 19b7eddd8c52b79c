package blockfront.web.app;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the launcher runs after a build, and the server's own first visit, in earnest. */
class RehearsalIT {

  @Test
  void allPagesAreServedAndASmallStudyEnds() {
    assertThatCode(Rehearsal::run).doesNotThrowAnyException();
  }

  @Test
  void aServerThatDoesNotAnswerIsNoticed() throws IOException {
    URI nobody;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }
    assertThatThrownBy(() -> new Visitor(nobody).open(List.of(""))).isInstanceOf(IOException.class);
  }
}
