// The service worker keeps the page's files in the browser (service_worker.js).

// Once it is at work, so that it sees the large files come. `tell` gets the name of a text where nothing is kept.
export const keep = async (tell) => {
  const { serviceWorker } = navigator; // undefined where the page came by plain HTTP
  if (!serviceWorker) return;
  try {
    serviceWorker.addEventListener('message', ({ data }) => data === 'full' && tell('site_full'));
    const { installing, waiting } = await serviceWorker.register('service_worker.js');
    const coming = installing ?? waiting;
    if (serviceWorker.controller || !coming) return; // a page that was loaded past its cache has none
    await new Promise((go, stop) => {
      serviceWorker.addEventListener('controllerchange', go, { once: true });
      coming.addEventListener('statechange', () => coming.state === 'redundant' && stop());
    });
  } catch {
    tell('site_not_kept');
  }
};
