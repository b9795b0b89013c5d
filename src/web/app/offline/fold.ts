// SPDX-License-Identifier: MIT
// What makes two spellings the same for the search on this device: a small sister of codec/fold.c.

// Letters that no decomposition takes apart, though readers type them plain.
const plainLetters: Readonly<Record<string, string>> = {
  æ: 'ae',
  ð: 'd',
  ø: 'o',
  þ: 'th',
  đ: 'd',
  ħ: 'h',
  ı: 'i',
  ĸ: 'k',
  ł: 'l',
  ŋ: 'n',
  œ: 'oe',
  ß: 'ss',
  ŧ: 't',
  ƀ: 'b',
  ƙ: 'k',
  ƚ: 'l',
  ƶ: 'z',
  ɓ: 'b',
  ɔ: 'o',
  ɖ: 'd',
  ɗ: 'd',
  ɛ: 'e',
  ɨ: 'i',
  ɲ: 'n',
  ɵ: 'o',
  ʉ: 'u',
  ʋ: 'v',
  ς: 'σ',
};
const plainPattern = new RegExp(`[${Object.keys(plainLetters).join('')}]`, 'g');
// Marks that search does without. Those that are letters' parts in their script (kana voicing, Indic vowels) stay.
const droppedMarks =
  /[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]|\p{Cf}/gu;
const apostrophes = /['`´ʹʻʼ‘’‛′]/g;
const beyondAscii = /[^\x00-\x7f]/;
const notInWords = /[^\p{L}\p{N}\p{M}]+/u;
const notInWordsAscii = /[^a-z0-9]+/;
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

/** Without accents, case, points and strokes. Apostrophes vanish: don't is dont. */
export function fold(text: string): string {
  if (!beyondAscii.test(text)) return text.toLowerCase().replace(/['`]/g, '');
  // An acute accent that stands alone would decompose to a blank; so apostrophes go before and after.
  return text
    .replace(apostrophes, '')
    .normalize('NFKD')
    .toLowerCase()
    .replace(droppedMarks, '')
    .replace(plainPattern, (letter) => plainLetters[letter] ?? letter)
    .replace(apostrophes, '')
    .normalize('NFC');
}

/** A word as it was written: its parts between signs. AC/DC has the parts ac and dc. */
export interface Spelling {
  parts: string[];
  joined: string;
}

/** The words of a text, folded. */
export function spellings(text: string): Spelling[] {
  const found: Spelling[] = [];
  for (const token of fold(text).split(/\s+/)) {
    const parts = token.split(beyondAscii.test(token) ? notInWords : notInWordsAscii).filter(Boolean);
    if (parts.length) found.push({ parts, joined: parts.join('') });
  }
  return found;
}

/** Scripts that are written without blanks are searched for anywhere, others at the beginnings of words. */
export function isUnspaced(word: string): boolean {
  return unspaced.test(word);
}
