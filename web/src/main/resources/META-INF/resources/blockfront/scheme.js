// Light or dark: what the system says, until a person says otherwise.
(() => {
  const KEY = 'blockfront-scheme';
  const root = document.documentElement;

  function apply(scheme) {
    root.style.colorScheme = scheme || 'light dark';
    window.dispatchEvent(new Event('blockfront-scheme'));
  }

  window.blockfront = window.blockfront || {};
  window.blockfront.switchScheme = () => {
    const now = localStorage.getItem(KEY)
      || (window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
    const next = now === 'dark' ? 'light' : 'dark';
    localStorage.setItem(KEY, next);
    apply(next);
  };
  apply(localStorage.getItem(KEY));
})();
