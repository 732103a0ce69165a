/** Whether the reader's keyboard has a ⌘ key. */
export const isMac = /mac|iphone|ipad/i.test(navigator.userAgent);

/** The keys that open the palette, as they are written on this keyboard. */
export const paletteKeys = isMac ? ['⌘', 'K'] : ['Ctrl', 'K'];
