package blockfront.web.app;

import com.vaadin.flow.component.Component;
import com.vaadin.flow.component.Svg;
import com.vaadin.flow.component.applayout.AppLayout;
import com.vaadin.flow.component.button.Button;
import com.vaadin.flow.component.button.ButtonVariant;
import com.vaadin.flow.component.dependency.JavaScript;
import com.vaadin.flow.component.html.Anchor;
import com.vaadin.flow.component.html.Nav;
import com.vaadin.flow.component.html.Span;
import com.vaadin.flow.component.icon.VaadinIcon;
import com.vaadin.flow.router.AfterNavigationEvent;
import com.vaadin.flow.router.AfterNavigationObserver;
import com.vaadin.flow.router.Layout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The frame around every page. */
@Layout
@JavaScript("context://blockfront/scheme.js")
final class MainLayout extends AppLayout implements AfterNavigationObserver {

  private static final long serialVersionUID = 1;

  /** Which pages a link stands for: it is lit on all of them. */
  private static final Map<String, List<String>> PAGES = pages();

  private final transient Map<String, Anchor> links = new LinkedHashMap<>();

  MainLayout() {
    var navigation = new Nav();
    navigation.addClassName("top-links");
    navigation.setAriaLabel("Pages");
    link(navigation, "", "Studies");
    link(navigation, "leaderboard", "Leaderboard");
    link(navigation, "blocks", "Blocks");
    addToNavbar(brand(), navigation, schemeSwitch());
  }

  @Override
  public void afterNavigation(AfterNavigationEvent event) {
    String first = event.getLocation().getFirstSegment();
    links.forEach(
        (path, link) -> {
          boolean here = path.equals(first) || PAGES.getOrDefault(path, List.of()).contains(first);
          link.getElement().setAttribute("highlight", here);
          if (here) {
            link.getElement().setAttribute("aria-current", "page");
          } else {
            link.getElement().removeAttribute("aria-current");
          }
        });
  }

  private void link(Nav navigation, String path, String text) {
    var link = new Anchor(path.isEmpty() ? "." : path, text);
    link.setRouterIgnore(false);
    links.put(path, link);
    navigation.add(link);
  }

  private static Component brand() {
    var brand = new Anchor(".");
    brand.addClassName("brand");
    brand.setAriaLabel("Blockfront, to the studies");
    brand.add(
        new Svg(
            "<svg viewBox='0 0 24 24' aria-hidden='true'><rect width='24' height='24' rx='6'"
                + " fill='#2457d6'/><path d='M5 19V15h5v-4h4V7h5' fill='none' stroke='#fff'"
                + " stroke-width='2.4' stroke-linejoin='round' stroke-linecap='round'/><circle"
                + " cx='10' cy='15' r='1.9' fill='#ffb27d'/><circle cx='14' cy='11' r='1.9'"
                + " fill='#ffb27d'/></svg>"),
        new Span("Blockfront"));
    return brand;
  }

  private static Component schemeSwitch() {
    var button = new Button(VaadinIcon.ADJUST.create());
    button.addThemeVariants(ButtonVariant.TERTIARY);
    button.addClassName("scheme");
    button.setAriaLabel("Light or dark");
    button.setTooltipText("Light or dark");
    button.addClickListener(_ -> button.getElement().executeJs("window.blockfront.switchScheme()"));
    return button;
  }

  private static Map<String, List<String>> pages() {
    return Map.of("", List.of("study", "new", "network"));
  }
}
