// Runs before the first paint, as a classic script. theme.ts writes what this reads.
(() => {
  const html = document.documentElement;
  const read = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const write = (key, value) => {
    try {
      if (value) localStorage.setItem(key, value);
      else localStorage.removeItem(key);
    } catch {
      // Storage refused by the browser: the choice then lasts as long as the page.
    }
  };
  // Each service is an origin of its own: the rail's links carry the choice from one to the other.
  const carried = /^#look=(light|dark)?,(compact)?,(fr|en)?$/.exec(location.hash);
  if (carried) {
    write('bouquet.theme', carried[1]);
    write('bouquet.density', carried[2]);
    write('bouquet.language', carried[3]);
    history.replaceState(null, '', location.pathname + location.search);
  }
  const theme = carried ? carried[1] : read('bouquet.theme');
  const density = carried ? carried[2] : read('bouquet.density');
  const language = carried ? carried[3] : read('bouquet.language');
  if (theme === 'light' || theme === 'dark') html.dataset.theme = theme;
  if (density === 'compact') html.dataset.density = density;
  if (language === 'fr' || language === 'en') html.lang = language;
})();
