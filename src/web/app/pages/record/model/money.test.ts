// SPDX-License-Identifier: MIT
// Money: what somebody typed must be the amount that they meant, or be refused.
import { describe, expect, test } from 'vitest';
import { amountOf, currencySign, moneyText, parseMoney } from './money';

describe('an amount', () => {
  test.each([
    ['1.234,50', 'de', 123450], ['1,234.50', 'en', 123450], ['1.234,50', 'en', 123450], ['1,234.50', 'de', 123450],
    ['12.5', 'de', 1250], ['12,5', 'en', 1250], ['12', 'en', 1200], ['12.', 'en', 1200], ['.5', 'en', 50], ['0,99', 'de', 99],
    ['1.234', 'de', 123400], ['1,234', 'en', 123400], ['1.234.567', 'de', 123456700], ['1,234,567.89', 'en', 123456789],
    ['€ 12,50', 'de', 1250], ['12,50 €', 'de', 1250], ['$12.50', 'en', 1250], ['12.50 EUR', 'en', 1250], ['Fr. 12.50', 'de-CH', 1250],
    ["1'234.50", 'de-CH', 123450], ['1 234,50', 'fr', 123450], ['1\u202f234,50', 'fr', 123450],
    ['١٬٢٣٤٫٥٠', 'ar-EG', 123450], ['١٢٫٥', 'ar', 1250], ['12.50', 'ar', 1250], ['１２．５０', 'ja', 1250],
    ['9999999999.99', 'en', 999999999999], ['0', 'en', 0],
  ])('%s in %s is %d hundredths', (text, locale, cents) => expect(parseMoney(text, locale)).toBe(cents));

  test.each([
    ['1.234', 'en'], ['1,234', 'de'], ['12.345', 'en'], ['1.23.4', 'en'], ['1,2,3', 'en'], ['1.234,567', 'de'], ['-5', 'en'], ['abc', 'en'], ['€', 'de'],
    ['1e5', 'en'], ['12,34,56.00', 'en'], ['10000000000', 'en'], ['1.2,3.4', 'de'], ['.', 'en'], ['1-2', 'en'], ['12/5', 'en'],
  ])('%s in %s is none', (text, locale) => expect(parseMoney(text, locale)).toBeUndefined());

  test('nothing is nothing, not zero', () => {
    expect(parseMoney('', 'en')).toBeNull();
    expect(parseMoney('  ', 'de')).toBeNull();
  });

  test.each(['en', 'de', 'fr', 'de-CH', 'ar', 'ar-EG', 'ja', 'pt-BR', 'hi'])('what the field shows in %s reads back as it was', (locale) => {
    for (const amount of [0, 0.01, 0.29, 1.1, 19.99, 1234.5, 9999999999.99]) {
      const cents = parseMoney(moneyText(amount, locale), locale);
      expect(cents).toBe(Math.round(amount * 100));
      expect(amountOf(cents as number)).toBe(amount);
    }
  });
});

test('an amount goes to the server with two decimals at most', () => {
  for (const cents of [1, 29, 110, 1999, 123450, 999999999999]) expect(JSON.stringify(amountOf(cents))).toMatch(/^\d+(\.\d{1,2})?$/);
});

test('the sign stands where the locale has it', () => {
  expect(currencySign('de', 'EUR')).toEqual({ sign: '€', after: true });
  expect(currencySign('en', 'USD')).toEqual({ sign: '$', after: false });
});
