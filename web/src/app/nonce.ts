// The page's nonce: what the server wrote into the page, and names in its content security policy. Styles with it are ours.
import { setNonce } from 'get-nonce';

export const nonce = document.querySelector<HTMLMetaElement>('meta[name=csp-nonce]')?.content ?? '';

// For the style with which dialogs keep the page behind them from scrolling.
setNonce(nonce);
