// SPDX-License-Identifier: MIT
// The picture of the front page: a record half out of its sleeve, which turns for those who like motion.

import './art.css';

const grooves = [92, 88, 85, 81, 78, 73, 70, 66, 62, 59, 55, 51];

/** Decoration. */
export function RecordArt({ class: more = '' }: { class?: string }) {
  return (
    <svg viewBox="0 0 420 280" class={more} aria-hidden="true" focusable="false">
      <defs>
        <linearGradient id="art-sleeve" x1="0" y1="0" x2="1" y2="1">
          <stop offset="0" stop-color="#f6b26b" />
          <stop offset="0.55" stop-color="#e4572e" />
          <stop offset="1" stop-color="#8f2a17" />
        </linearGradient>
        <radialGradient id="art-label">
          <stop offset="0" stop-color="#ffe3c2" />
          <stop offset="1" stop-color="#f2a65a" />
        </radialGradient>
        <linearGradient id="art-gleam" x1="0" y1="0" x2="1" y2="1">
          <stop offset="0" stop-color="#fff" stop-opacity="0" />
          <stop offset="0.48" stop-color="#fff" stop-opacity="0.02" />
          <stop offset="0.5" stop-color="#fff" stop-opacity="0.2" />
          <stop offset="0.52" stop-color="#fff" stop-opacity="0.02" />
          <stop offset="1" stop-color="#fff" stop-opacity="0" />
        </linearGradient>
        <clipPath id="art-clip"><rect x="20" y="25" width="230" height="230" rx="6" /></clipPath>
      </defs>
      <g>
        <circle cx="282" cy="140" r="108" fill="#141217" />
        <g class="record-turns">
          <g fill="none" stroke="#35313c" stroke-width="0.8">
            {grooves.map((r) => <circle key={r} cx="282" cy="140" r={r + 10} />)}
          </g>
          <circle cx="282" cy="140" r="40" fill="url(#art-label)" />
          <path d="M258 128h48M264 136h36M270 152h24" stroke="#8f2a17" stroke-width="2.5" stroke-linecap="round" opacity="0.7" />
        </g>
        <circle cx="282" cy="140" r="108" fill="url(#art-gleam)" stroke="#8a8494" stroke-opacity="0.35" />
        <circle cx="282" cy="140" r="4.500" fill="#141217" />
      </g>
      <g>
        <rect x="24" y="31" width="230" height="230" rx="8" fill="#000" opacity="0.22" />
        <rect x="20" y="25" width="230" height="230" rx="6" fill="url(#art-sleeve)" />
        <g clip-path="url(#art-clip)" fill="none" stroke="#fff6ea" stroke-width="9" opacity="0.85">
          {[34, 62, 90, 118, 146].map((r) => <path key={r} d={`M${250 - r} 255a${r} ${r} 0 0 1 ${r} -${r}`} />)}
        </g>
        <circle cx="92" cy="97" r="34" fill="#fff6ea" />
        <rect x="20" y="25" width="230" height="230" rx="6" fill="none" stroke="#fff" stroke-opacity="0.25" />
        <path d="M246 28v224" stroke="#000" stroke-opacity="0.28" stroke-width="3" />
      </g>
    </svg>
  );
}
