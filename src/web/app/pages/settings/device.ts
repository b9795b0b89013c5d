// SPDX-License-Identifier: MIT
// What a User-Agent field says of a device, as far as it helps to recognise it.

const browsers: [RegExp, string][] = [
  [/Edg(?:e|A|iOS)?\//, 'Edge'], [/OPR\/|Opera/, 'Opera'], [/SamsungBrowser\//, 'Samsung Internet'], [/Firefox\/|FxiOS\//, 'Firefox'],
  [/Chrom(?:e|ium)\/|CriOS\//, 'Chrome'], [/Version\/.*Safari\//, 'Safari'], [/curl\//, 'curl'], [/python/i, 'Python'], [/Go-http-client/, 'Go'],
];
const systems: [RegExp, string][] = [
  [/iPhone/, 'iPhone'], [/iPad/, 'iPad'], [/Android/, 'Android'], [/CrOS/, 'ChromeOS'], [/Windows/, 'Windows'], [/Mac OS X|Macintosh/, 'macOS'], [/Linux|X11/, 'Linux'],
];

const first = (known: [RegExp, string][], text: string): string | undefined => known.find(([pattern]) => pattern.test(text))?.[1];

export function deviceOf(userAgent: string | null | undefined): { browser?: string | undefined; system?: string | undefined } {
  return userAgent ? { browser: first(browsers, userAgent), system: first(systems, userAgent) } : {};
}
