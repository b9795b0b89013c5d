// SPDX-License-Identifier: MIT
// What people, and other programs, call the columns of a record collection. These are data of foreign files, not texts of ours.

/** For each field the names it goes by; the likeliest first. */
export const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  artist: ['artist', 'artists', 'album artist', 'artist name', 'band', 'performer', 'interpret', 'kunstler', 'kuenstler', 'artiste', 'artista', 'interprete', 'artiest', 'الفنان', 'アーティスト', 'исполнитель'],
  name: ['title', 'name', 'album', 'album title', 'record', 'release', 'release title', 'titel', 'albumtitel', 'titre', 'titulo', 'titolo', 'العنوان', 'الالبوم', 'タイトル', 'название', 'альбом'],
  format: ['format', 'media', 'medium', 'media type', 'type', 'tontrager', 'formato', 'support', 'الصيغه', 'フォーマット', 'формат'],
  catalogNumber: ['catalog number', 'catalogue number', 'catalog', 'catalog no', 'cat no', 'cat', 'cat number', 'catno', 'catalognumber', 'matrix', 'katalognummer', 'katalog nr', 'bestellnummer', 'numero de catalogue', 'numero de catalogo', 'رقم الكتالوج', '品番'],
  label: ['label', 'record label', 'publisher', 'plattenlabel', 'plattenfirma', 'maison de disques', 'sello', 'etichetta', 'شركه الانتاج', 'レーベル', 'лейбл'],
  labelCode: ['label code', 'lc', 'labelcode'],
  releaseYear: ['year', 'release year', 'released', 'original year', 'jahr', 'erscheinungsjahr', 'annee', 'ano', 'anno', 'jaar', 'السنه', '年', 'год'],
  releaseDate: ['release date', 'original release date', 'erscheinungsdatum', 'veroffentlicht', 'date de sortie', 'fecha de lanzamiento'],
  pressingYear: ['pressing year', 'year of pressing', 'reissue year', 'pressjahr', 'pressungsjahr', 'annee de pressage'],
  recordGrade: ['grade', 'record grade', 'media condition', 'collection media condition', 'vinyl condition', 'condition', 'disc condition', 'media grade', 'zustand', 'zustand platte', 'zustand vinyl', 'etat', 'etat du disque', 'estado', 'condizione', 'الحاله', '盤質', 'состояние'],
  sleeveGrade: ['sleeve grade', 'sleeve condition', 'collection sleeve condition', 'cover condition', 'jacket condition', 'cover grade', 'zustand cover', 'zustand hulle', 'etat de la pochette', 'estado de la funda', 'حاله الغلاف'],
  hasInsert: ['insert', 'has insert', 'beilage', 'einleger'],
  insertGrade: ['insert grade', 'insert condition'],
  hasBooklet: ['booklet', 'has booklet', 'livret'],
  bookletGrade: ['booklet grade', 'booklet condition'],
  hasObiStrip: ['obi', 'obi strip', 'has obi', 'has obi strip', '帯'],
  obiStripGrade: ['obi grade', 'obi strip grade', 'obi condition'],
  hasFactorySleeve: ['factory sleeve', 'has factory sleeve', 'company sleeve'],
  factorySleeveGrade: ['factory sleeve grade', 'company sleeve grade'],
  isPromo: ['promo', 'is promo', 'promotional', 'promo copy', 'white label'],
  notes: ['notes', 'note', 'comment', 'comments', 'collection notes', 'remarks', 'description', 'notizen', 'bemerkung', 'bemerkungen', 'kommentar', 'anmerkungen', 'remarques', 'notas', 'ملاحظات', 'メモ', 'заметки'],
  purchasedAt: ['purchased', 'purchase date', 'purchased at', 'date purchased', 'bought', 'bought on', 'date bought', 'acquired', 'kaufdatum', 'gekauft', 'gekauft am', 'date achat', 'fecha de compra', 'data acquisto', 'تاريخ الشراء', '購入日'],
  pricePaid: ['price', 'price paid', 'purchase price', 'paid', 'cost', 'value', 'preis', 'kaufpreis', 'bezahlt', 'prix', 'precio', 'prezzo', 'prijs', 'السعر', '価格', 'цена'],
  mediaPieces: ['media pieces', 'mediapieces'],
  discogsReleaseId: ['release id', 'discogs release id', 'discogs id', 'discogsreleaseid'],
  barcode: ['barcode', 'ean', 'upc', 'gtin', 'bar code', 'strichcode', 'code barre', 'codigo de barras', 'codice a barre', 'الباركود', 'バーコード'],
};
