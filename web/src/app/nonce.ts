/** What the server wrote into the page, and names in its content security policy: styles with it are ours. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[name=csp-nonce]')?.content ?? '';
