package blockfront.search.study;

class MemoryStudyStoreTest extends StudyStoreContract {

  @Override
  protected StudyStore empty() {
    return new MemoryStudyStore();
  }
}
