// SPDX-License-Identifier: MIT
// Arabic: the list of records, the trash and the overview.
import type en from '../en/records';
import { number } from '../format';
import { plural } from '../index';

const records = (n: number) => plural(n, {
  zero: 'لا أسطوانات', one: 'أسطوانة واحدة', two: 'أسطوانتان', few: `${number(n)} أسطوانات`, many: `${number(n)} أسطوانة`, other: `${number(n)} أسطوانة`,
});

export default {
  title: 'الأسطوانات',
  count: records,
  found: (n) => `النتائج: ${records(n)}`,

  search: 'ابحث في أسطواناتك',
  searchHint: 'الفنان أو العنوان أو شركة الإنتاج أو رقم الكتالوج …',
  corrected: 'نتائج البحث عن',
  searchInstead: (q) => `ابحث عن «${q}» بدلًا من ذلك`,

  add: 'أضف',
  addLong: 'أضف أسطوانة',
  import: 'استيراد',
  moreActions: 'إجراءات أخرى',
  trash: 'سلة المهملات',

  grid: 'الأغلفة',
  table: 'جدول',
  layout: 'طريقة العرض',
  sortBy: (what) => `الترتيب: ${what}`,
  sorts: {
    '': 'الأقرب إلى البحث',
    '-createdAt': 'أحدث الإضافات',
    createdAt: 'أقدم الإضافات',
    '-updatedAt': 'أحدث التعديلات',
    artist: 'الفنان تصاعديًا',
    '-artist': 'الفنان تنازليًا',
    name: 'العنوان تصاعديًا',
    '-name': 'العنوان تنازليًا',
    '-year': 'أحدث الإصدارات',
    year: 'أقدم الإصدارات',
    '-price': 'الأعلى سعرًا',
    price: 'الأدنى سعرًا',
    grade: 'أفضل حالة',
    '-grade': 'أسوأ حالة',
  },

  filters: 'عوامل التصفية',
  filterNames: { format: 'الصيغة', label: 'شركة الإنتاج', artist: 'الفنان', grade: 'الحالة', decade: 'العقد', year: 'السنة' },
  removeFilter: 'أزل عامل التصفية',
  clearFilters: 'أزل كل عوامل التصفية',
  noFacets: 'لا شيء يمكن التصفية به.',
  showAll: (n) => `اعرض الكل (${number(n)})`,
  showFewer: 'اعرض أقل',
  showResults: (n) => `اعرض النتائج: ${records(n)}`,
  findIn: (name) => `ابحث في ${name}`,
  decade: (year) => `عقد ${year.replace(/s$/, '')}`,

  savedViews: 'طرق العرض المحفوظة',
  saveView: 'احفظ طريقة العرض هذه …',
  viewName: 'الاسم',
  viewSaved: (name) => `حُفظت طريقة العرض «${name}» في هذا المتصفح.`,
  viewNotSaved: 'هذا المتصفح لا يحتفظ بشيء: تعذّر حفظ طريقة العرض.',
  viewHint: 'يُحفظ البحث والتصفية والترتيب وطريقة العرض بهذا الاسم في هذا المتصفح.',
  manageViews: 'إدارة طرق العرض المحفوظة …',
  removeView: (name) => `أزل طريقة العرض «${name}»`,
  viewRemoved: (name) => `أُزيلت طريقة العرض «${name}».`,

  columns: {
    artist: 'الفنان', name: 'العنوان', format: 'الصيغة', label: 'شركة الإنتاج', catalogNumber: 'رقم الكتالوج', year: 'السنة', grade: 'الحالة', price: 'المدفوع', added: 'أضيفت في', cover: 'الغلاف',
  },
  recordAndSleeve: (disc, sleeve) => `الأسطوانة ${disc}، الغلاف ${sleeve}`,
  list: 'الأسطوانات',

  select: (name) => `حدّد ${name}`,
  selectMany: 'حدّد أسطوانات',
  selectAll: (n) => `حدّد الكل (${number(n)})`,
  selected: (n) => `المحدّد: ${number(n)}`,
  clearSelection: 'ألغِ التحديد',
  editSelected: 'تعديل',
  deleteSelected: 'حذف',
  working: { collect: 'جارٍ جمع الأسطوانات …', apply: 'جارٍ العمل …' },
  progress: (done, total) => `${number(done)} من ${number(total)}`,

  bulk: {
    title: (n) => `تعديل ${records(n)}`,
    hint: 'لا يتغير إلا ما تختاره هنا.',
    fields: {
      format: 'الصيغة', label: 'شركة الإنتاج', recordGrade: 'حالة الأسطوانة', sleeveGrade: 'حالة الغلاف', pricePaid: 'السعر المدفوع', purchasedAt: 'تاريخ الشراء',
      releaseYear: 'سنة الإصدار', notes: 'ملاحظات', isPromo: 'نسخة ترويجية',
    },
    how: (field) => `${field}: ما العمل`,
    leave: 'اتركه كما هو',
    hows: { set: 'اجعله', clear: 'أفرغه', fill: 'املأه حيث هو فارغ', append: 'أضف في النهاية' },
    value: (field) => `${field}: القيمة الجديدة`,
    yes: 'نعم',
    no: 'لا',
    apply: (n) => `عدّل ${records(n)}`,
    needed: 'أدخل قيمة أو اتركه كما هو.',
    year: 'سنة بين 1857 و2100.',
  },

  changed: (n) => `عُدّلت: ${records(n)}.`,
  deleted: (n) => `نُقلت إلى سلة المهملات: ${records(n)}.`,
  restored: (n) => `استُعيدت: ${records(n)}.`,
  failed: (n, why) => `تعذّر تعديل ${records(n)}: ${why}`,
  failedAll: (why) => `لم ينجح ذلك: ${why}`,
  stopped: (n) => `توقف العمل. لم يُمسّ من الأسطوانات: ${records(n)}.`,
  undone: 'تم التراجع.',
  undonePartly: (n) => `تم التراجع، عدا ما تغيّر منذ ذلك: ${records(n)}.`,
  undoFailed: 'تعذّر التراجع الآن. حاول مجددًا.',
  nothingToUndo: 'لا شيء للتراجع عنه.',

  away: 'الخادم لا يجيب. قد يكون ما تراه قديمًا.',
  someAway: 'تعذّر تحميل جزء من القائمة.',

  emptyTitle: 'هنا تبدأ مجموعتك',
  emptyText: 'أضف أسطوانتك الأولى، أو أحضر مجموعة كاملة: يكفي ملف مصدّر من Discogs أو أي ملف CSV.',
  noneTitle: 'لا شيء يطابق',
  noneText: 'لا توجد أسطوانة فيها كل هذا. جرّب كلمات أقل أو عوامل تصفية أقل.',
  clearAll: 'امسح البحث والتصفية',

  trashTitle: 'سلة المهملات',
  trashText: 'تبقى الأسطوانات المحذوفة 30 يومًا، ثم تزول.',
  trashEmpty: 'سلة المهملات فارغة',
  trashEmptyText: 'ما تحذفه يبقى هنا 30 يومًا، فقد تغيّر رأيك.',
  restore: 'استعادة',
  restoreOne: (name) => `استعادة ${name}`,
  restoreSelected: (n) => `استعادة ${records(n)}`,
  deletedAgo: (when) => `حُذفت ${when}`,
  daysLeft: (n) => plural(n, {
    zero: 'اليوم الأخير', one: 'بقي يوم واحد', two: 'بقي يومان', few: `بقيت ${number(n)} أيام`, many: `بقي ${number(n)} يومًا`, other: `بقي ${number(n)} يوم`,
  }),
  toRecords: 'إلى الأسطوانات',
  showMore: 'اعرض المزيد',

  keys: {
    title: 'اختصارات لوحة المفاتيح',
    everywhere: 'في كل مكان',
    inList: 'في القائمة',
    menu: 'قائمة الأوامر', undo: 'تراجع عن آخر تعديل', search: 'بحث', new: 'أضف أسطوانة', help: 'هذه المساعدة',
    down: 'الأسطوانة التالية', up: 'الأسطوانة السابقة', left: 'إلى اليسار', right: 'إلى اليمين', first: 'أول أسطوانة', last: 'آخر أسطوانة', open: 'فتح',
    edit: 'تعديل الأسطوانة أو كل المحدّد', select: 'تحديد أو إلغاؤه', selectAll: 'تحديد كل النتائج', remove: 'نقل إلى سلة المهملات',
    layout: 'أغلفة أو جدول', filters: 'عوامل التصفية', escape: 'إلغاء التحديد',
    singles: 'المفاتيح المفردة اختصارات',
    singlesHint: 'أوقفها إن كنت تُملي بصوتك أو تضغط المفاتيح سهوًا.',
  },

  menu: {
    title: 'قائمة الأوامر',
    hint: 'اكتب أمرًا أو بحثًا',
    none: 'لا نتائج.',
    actions: 'إجراءات',
    places: 'انتقل إلى',
    searchFor: (q) => `ابحث عن «${q}»`,
    results: (n) => `عدد المدخلات: ${number(n)}`,
    theme: { light: 'مظهر فاتح', dark: 'مظهر داكن', system: 'مظهر النظام' },
  },

  home: {
    recent: 'أحدث الإضافات',
    all: 'كل الأسطوانات',
    records: 'الأسطوانات',
    spent: 'مجموع المدفوع',
    priced: (n) => `عن ${records(n)} لها سعر`,
    average: 'متوسط السعر',
    thisMonth: 'أضيفت هذا الشهر',
    lastMonth: (n) => `${number(n)} في الشهر السابق`,
    artists: 'الأكثر جمعًا',
    byFormat: 'حسب الصيغة',
    byDecade: 'حسب العقد',
    views: 'طرق عرضك',
  },
} satisfies typeof en;
