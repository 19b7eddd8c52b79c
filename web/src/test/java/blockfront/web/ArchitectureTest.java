package blockfront.web;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The arrows of ARCHITECTURE.md. */
class ArchitectureTest {

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new DoNotIncludeTests())
          .importPackages("blockfront");

  @Test
  void everyModuleIsLookedAt() {
    for (String module : List.of("blocks", "search", "db", "web")) {
      assertThat(
              CLASSES.stream().filter(c -> c.getPackageName().startsWith("blockfront." + module)))
          .as(module)
          .hasSizeGreaterThan(5);
    }
  }

  @Test
  void modulesPointOneWay() {
    layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage("blockfront..")
        .layer("blocks")
        .definedBy("blockfront.blocks..")
        .layer("search")
        .definedBy("blockfront.search..")
        .layer("db")
        .definedBy("blockfront.db..")
        .layer("starting")
        .definedBy("blockfront.web.app..", "blockfront.web.cli..")
        .layer("pages")
        .definedBy(
            "blockfront.web.page..",
            "blockfront.web.front..",
            "blockfront.web.study..",
            "blockfront.web.leaderboard..",
            "blockfront.web.architecture..",
            "blockfront.web.catalogue..")
        .whereLayer("blocks")
        .mayNotAccessAnyLayer()
        .whereLayer("search")
        .mayOnlyAccessLayers("blocks")
        .whereLayer("db")
        .mayOnlyAccessLayers("search", "blocks")
        .whereLayer("pages")
        .mayOnlyAccessLayers("search", "blocks")
        .whereLayer("starting")
        .mayNotBeAccessedByAnyLayer()
        .check(CLASSES);
  }

  @Test
  void pagesOfOneFeatureDoNotKnowThoseOfAnother() {
    slices()
        .matching("blockfront.web.(study|leaderboard|architecture|catalogue)..")
        .should()
        .notDependOnEachOther()
        .check(CLASSES);
  }

  @Test
  void packagesOfSearchHaveNoCycles() {
    slices().matching("blockfront.search.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void packagesOfBlocksHaveNoCycles() {
    slices().matching("blockfront.blocks.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void blocksKnowOnlyTheJdk() {
    noClasses()
        .that()
        .resideInAPackage("blockfront.blocks..")
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages(
            "blockfront.blocks..", "java..", "org.jspecify..", "com.google.auto.service..")
        .check(CLASSES);
  }

  @Test
  void geneticsStayInTheirPackages() {
    onlyIn(
        "io.jenetics..",
        "blockfront.search.strategy..",
        "blockfront.search.space..",
        "blockfront.search.study..",
        "blockfront.search.bench..");
  }

  @Test
  void nativeLibrariesStayWithTheTrainer() {
    onlyIn("org.nd4j..", "blockfront.search.train..", "blockfront.search.export..");
    onlyIn("org.bytedeco..", "blockfront.search.train..", "blockfront.search.export..");
  }

  @Test
  void tablesStayInTheDatabaseModule() {
    onlyIn("org.jooq..", "blockfront.db..");
    onlyIn("org.h2..", "blockfront.db..");
    onlyIn("java.sql..", "blockfront.db..");
  }

  @Test
  void onlyTheServerStartsSpring() {
    onlyIn("org.springframework..", "blockfront.web.app..");
  }

  @Test
  void pagesAreNobodysBusiness() {
    classes().that().haveSimpleNameEndingWith("View").should().bePackagePrivate().check(CLASSES);
  }

  private static void onlyIn(String library, String... packages) {
    noClasses()
        .that()
        .resideInAPackage("blockfront..")
        .and()
        .resideOutsideOfPackages(packages)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .check(CLASSES);
  }
}
