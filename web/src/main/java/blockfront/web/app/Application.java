package blockfront.web.app;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.db.H2StudyStore;
import blockfront.search.study.LocalStudyService;
import blockfront.search.study.StudyService;
import blockfront.search.study.StudyStore;
import blockfront.search.trial.TrialRunner;
import blockfront.search.worker.LocalWorkers;
import blockfront.search.worker.WorkerCommand;
import blockfront.web.page.ClassTitles;
import blockfront.web.page.Exports;
import blockfront.web.page.WeightsFolder;
import blockfront.web.study.EndedStudies;
import com.vaadin.flow.component.dependency.StyleSheet;
import com.vaadin.flow.component.page.AppShellConfigurator;
import com.vaadin.flow.component.page.Push;
import com.vaadin.flow.server.AppShellSettings;
import com.vaadin.flow.spring.annotation.EnableVaadin;
import com.vaadin.flow.theme.aura.Aura;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;

/** The workbench as a web server. */
@Push
@StyleSheet(Aura.STYLESHEET)
@StyleSheet("context://blockfront/workbench.css")
@EnableVaadin("blockfront.web")
@SpringBootApplication(scanBasePackages = "blockfront.web")
public class Application implements AppShellConfigurator {

  private static final long serialVersionUID = 1;

  private static final Logger LOG = LoggerFactory.getLogger(Application.class);

  /** What was interpreted at the first round is compiled by the last. */
  private static final int FIRST_VISITS = 3;

  /**
   * Serves until the process ends.
   *
   * @throws IllegalArgumentException if the port is taken
   * @throws blockfront.db.StoreException if the data directory cannot be used
   */
  public static void serve(ServeOptions options) {
    start(options);
    PrintStream out = System.out;
    out.printf(
        "Blockfront is at %s - data in %s, %d trainings at a time. Ctrl-C ends it; a"
            + " search goes on at the next start.%n",
        options.address(), options.dataDirectory().toAbsolutePath().normalize(), options.slots());
    out.flush();
  }

  /** Starts the server and answers when pages are served. */
  public static ConfigurableApplicationContext start(ServeOptions options) {
    requireFree(options);
    H2StudyStore store = H2StudyStore.open(options.dataDirectory());
    // before all else: they warm up while the pages are made ready
    var workers = new LocalWorkers(WorkerCommand.ofThisProgram(), options.slots());
    try {
      var application = new SpringApplication(Application.class);
      application.setDefaultProperties(
          Map.of("server.address", options.host(), "server.port", options.port()));
      application.setLogStartupInfo(false);
      application.addInitializers(
          context -> {
            var beans = context.getBeanFactory();
            beans.registerSingleton("serveOptions", options);
            beans.registerSingleton("studyStore", store);
            beans.registerSingleton("workers", workers);
            // first in, so closed last: the service writes to it when it ends
            ((DefaultListableBeanFactory) beans).registerDisposableBean("studyStore", store::close);
          });
      return application.run();
    } catch (RuntimeException e) {
      workers.close();
      store.close();
      throw e;
    }
  }

  @Override
  public void configurePage(AppShellSettings settings) {
    settings.setPageTitle("Blockfront");
    settings.addFavIcon("icon", "favicon.svg", "any");
    settings.setViewport("width=device-width, initial-scale=1");
    settings.addMetaTag("description", "Accuracy against FLOPs of token-mixing networks");
  }

  @Bean
  Catalogue catalogue() {
    return Catalogue.load();
  }

  @Bean
  WeightsFolder weightsFolder(ServeOptions options) {
    return new WeightsFolder(options.dataDirectory().toAbsolutePath().resolve("weights"));
  }

  @Bean
  Exports exports(StudyStore store, Catalogue catalogue, WeightsFolder weights) {
    return new Exports(store, catalogue, weights);
  }

  @Bean
  ClassTitles classTitles() {
    return new ClassTitles();
  }

  @Bean
  EndedStudies endedStudies() {
    return new EndedStudies();
  }

  @Bean(destroyMethod = "close")
  StudyService studyService(
      StudyStore store, TrialRunner workers, Catalogue catalogue, WeightsFolder weights) {
    return new LocalStudyService(store, workers, catalogue, weights.path(), Clock.systemUTC());
  }

  @Bean
  @Order(1)
  ApplicationRunner recovery(StudyService service) {
    return _ -> service.recover();
  }

  @Bean
  @Order(2)
  ApplicationRunner firstVisit(ServeOptions options, StudyStore store) {
    return _ -> Thread.ofPlatform().daemon().name("first visit").start(() -> visit(options, store));
  }

  /** Nobody asked for it: where it fails, pages are only slower at first. */
  private static void visit(ServeOptions options, StudyStore store) {
    try {
      var visitor = new Visitor(URI.create(options.address()));
      List<String> pages = Visitor.pages(store);
      for (int i = 0; i < FIRST_VISITS; i++) {
        visitor.open(pages);
      }
    } catch (IOException | IllegalArgumentException e) {
      LOG.debug("The first visit ended early", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Asked first, so that a taken port is one line and nothing was opened yet. */
  private static void requireFree(ServeOptions options) {
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(options.host()), options.port()));
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("No address '%s'".formatted(options.host()), e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "Cannot listen on %s:%d: %s; choose another by --port"
              .formatted(options.host(), options.port(), e.getMessage()),
          e);
    }
  }
}
