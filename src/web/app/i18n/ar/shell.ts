// SPDX-License-Identifier: MIT
// Arabic: the frame around all pages, and words that many of them share.
import type en from '../en/shell';

export default {
  skip: 'انتقل إلى المحتوى',
  navigation: 'التنقل الرئيسي',
  home: 'نظرة عامة',
  records: 'الأسطوانات',
  import: 'استيراد',
  insights: 'إحصاءات',
  shop: 'هل أملك هذه؟',
  settings: 'الإعدادات',
  more: 'المزيد',
  add: 'أضف أسطوانة',
  loading: 'جارٍ التحميل …',
  notFound: 'هذه الصفحة غير موجودة',
  notFoundWhy: 'ربما كُتب العنوان خطأ، أو أن ما يشير إليه قد حُذف.',
  toHome: 'إلى النظرة العامة',
  broken: 'حدث خطأ في هذه الصفحة',
  brokenWhy: 'لم يضع شيء مما حفظته. أعد تحميل الصفحة؛ وإن استمر الأمر فقد يذكر سجل الخادم السبب.',
  reload: 'أعد التحميل',
  cancel: 'إلغاء',
  close: 'إغلاق',
  save: 'حفظ',
  delete: 'حذف',
  edit: 'تعديل',
  undo: 'تراجع',
  retry: 'حاول مجددًا',
  done: 'تم',
  back: 'رجوع',
  required: 'مطلوب',
  dismiss: 'إخفاء',
} satisfies typeof en;
