// The service worker keeps the page's files in the browser (service_worker.js).

// Once it is at work, so that it sees the large files come. `tell` gets the name of a text where nothing is kept.
export const keep = async (tell) => {
  const { serviceWorker } = navigator; // undefined where the page came by plain HTTP
  if (!serviceWorker) return;
  try {
    serviceWorker.addEventListener('message', ({ data }) => data === 'full' && tell('site_full'));
    const { active, installing } = await serviceWorker.register('service_worker.js');
    if (active || !installing) return; // not the first visit
    await new Promise((go, stop) => {
      const look = () => installing.state === 'redundant' && stop();
      serviceWorker.addEventListener('controllerchange', go, { once: true });
      installing.addEventListener('statechange', look);
      look();
    });
  } catch {
    tell('site_not_kept');
  }
};
