package blockfront.web.study;

import blockfront.search.study.Study;
import blockfront.search.study.StudyService;
import blockfront.search.study.StudyStore;
import blockfront.web.page.Exports;
import com.vaadin.flow.component.html.Div;
import com.vaadin.flow.router.BeforeEnterEvent;
import com.vaadin.flow.router.BeforeEnterObserver;
import com.vaadin.flow.router.HasDynamicTitle;
import com.vaadin.flow.router.NotFoundException;
import com.vaadin.flow.router.Route;
import java.util.Optional;

/** The address of every study; who goes straight from one to another gets a new page. */
@Route("study/:study([0-9]{1,18})")
final class StudyView extends Div implements BeforeEnterObserver, HasDynamicTitle {

  private static final long serialVersionUID = 1;

  private final transient StudyStore store;
  private final transient StudyService service;
  private final transient Exports exports;
  private transient String name = "";

  StudyView(StudyStore store, StudyService service, Exports exports) {
    this.store = store;
    this.service = service;
    this.exports = exports;
  }

  @Override
  public void beforeEnter(BeforeEnterEvent event) {
    long id = event.getRouteParameters().getLong("study").orElseThrow();
    Optional<Study> study = store.study(id);
    if (study.isEmpty()) {
      event.rerouteToError(NotFoundException.class, "There is no study %d.".formatted(id));
      return;
    }
    name = study.get().plan().name();
    removeAll();
    add(new StudyPage(study.get(), store, service, exports));
  }

  @Override
  public String getPageTitle() {
    return name + " · Blockfront";
  }
}
