package blockfront.web.app;

import blockfront.web.page.Parts;
import com.vaadin.flow.component.Tag;
import com.vaadin.flow.component.html.Anchor;
import com.vaadin.flow.component.html.Div;
import com.vaadin.flow.router.BeforeEnterEvent;
import com.vaadin.flow.router.ErrorParameter;
import com.vaadin.flow.router.HasErrorParameter;
import com.vaadin.flow.router.NotFoundException;
import com.vaadin.flow.router.ParentLayout;
import jakarta.servlet.http.HttpServletResponse;

/** Where there is no page. */
@Tag("div")
@ParentLayout(MainLayout.class)
final class NotFoundView extends Div implements HasErrorParameter<NotFoundException> {

  private static final long serialVersionUID = 1;

  @Override
  public int setErrorParameter(BeforeEnterEvent event, ErrorParameter<NotFoundException> error) {
    removeAll();
    addClassName("page");
    String said = error.getCustomMessage();
    add(
        Parts.empty(
            "Nothing is here",
            said == null || said.isEmpty() || said.startsWith("Couldn't find route")
                ? "There is no page '%s'.".formatted(event.getLocation().getPath())
                : said,
            new Anchor(".", "To the studies")));
    return HttpServletResponse.SC_NOT_FOUND;
  }
}
