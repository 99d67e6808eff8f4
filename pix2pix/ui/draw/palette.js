// The colours of the pens, by name. The same ones as in pix2pix/imaging/palette.py.

// Black ink is line, coloured ink is a hint.
export const PALETTE = {
  ink: '#000000',
  red: '#d9322e',
  blue: '#2a5fd0',
  green: '#2f9a45',
  yellow: '#f0c420',
  pink: '#ee7fb0',
  brown: '#8a5a33',
};
// What networks that get the colours apart from the lines know too.
export const MORE = {
  black: '#1d1d1f',
  white: '#f7f7f5',
  grey: '#8f9296',
  beige: '#d9c3a0',
  cream: '#f3ead6',
  navy: '#1f2f56',
  tan: '#c08a52',
  orange: '#e07b28',
  purple: '#7a4a9c',
  teal: '#2b8c8c',
};
export const NAMES = Object.keys(PALETTE); // the order is part of the share links

export const colourOf = (c) => (c.startsWith('#') ? c : (PALETTE[c] ?? '#000000'));

// A colour by its name where it has one.
export const named = (hex) => NAMES.find((name) => PALETTE[name] === hex) ?? hex;

export const hexOf = (rgb) => `#${rgb.map((v) => Math.round(v).toString(16).padStart(2, '0')).join('')}`;
