// SPDX-License-Identifier: MIT
// What the server speaks of, name for name (docs/contract.md).

export const grades = ['M', 'NM', 'NM-', 'EX+', 'EX', 'EX-', 'VG+', 'VG', 'VG-', 'G+', 'G', 'G-', 'F', 'P'] as const;
export type Grade = (typeof grades)[number];

export const mediaKinds = ['VINYL', 'CD', 'CASSETTE', 'OTHER'] as const;
export type MediaKind = (typeof mediaKinds)[number];

export interface MediaPiece {
  id?: string;
  index: number;
  kind: MediaKind;
  sizeInch: number | null;
  speedRpm: number | null;
  discGrade: Grade | null;
  sides: Record<string, Grade | null>;
  notes: string | null;
}

/** What a person may write of a record. */
export interface RecordFields {
  artist: string;
  name: string;
  format: string;
  catalogNumber: string | null;
  label: string | null;
  labelCode: string | null;
  barcode: string | null;
  releaseYear: number | null;
  releaseDate: string | null;
  pressingYear: number | null;
  recordGrade: Grade | null;
  sleeveGrade: Grade | null;
  hasInsert: boolean;
  insertGrade: Grade | null;
  hasBooklet: boolean;
  bookletGrade: Grade | null;
  hasObiStrip: boolean;
  obiStripGrade: Grade | null;
  hasFactorySleeve: boolean;
  factorySleeveGrade: Grade | null;
  isPromo: boolean;
  notes: string | null;
  purchasedAt: string | null;
  pricePaid: number | null;
  cover: string | null;
  mediaPieces: MediaPiece[];
}

export interface VinylRecord extends RecordFields {
  id: string;
  userId: string;
  createdAt: string;
  updatedAt: string;
  version: number;
  recordGradeDerived: boolean;
  discogsReleaseId: number | null;
  extra: Record<string, unknown> | null;
}

export interface FacetCount { value: string; count: number }
export type Facets = Record<'format' | 'label' | 'year' | 'artist' | 'grade' | 'decade', FacetCount[]>;
