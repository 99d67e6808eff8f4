// The tabs: one is open at a time. Arrow keys go from one to the next.

// `opened(panel)` is called with the one that opens.
export const startTabs = (list, opened) => {
  const tabs = [...list.querySelectorAll('[role=tab]')];
  const panelOf = (tab) => document.getElementById(tab.getAttribute('aria-controls'));
  const open = (wanted) => {
    for (const tab of tabs) {
      tab.setAttribute('aria-selected', tab === wanted);
      tab.tabIndex = tab === wanted ? 0 : -1;
      panelOf(tab).hidden = tab !== wanted;
    }
    opened(panelOf(wanted));
  };
  for (const [i, tab] of tabs.entries()) {
    tab.addEventListener('click', () => open(tab));
    tab.addEventListener('keydown', ({ key }) => {
      const way = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (!way) return;
      const next = tabs[(i + way + tabs.length) % tabs.length];
      open(next);
      next.focus();
    });
  }
};
