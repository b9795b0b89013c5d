// SPDX-License-Identifier: MIT
// In a shop: whether a record is in the collection.
import { useText } from '../../i18n';
import { PageHeading } from '../../ui/page';

export default function Shop() {
  const { shell } = useText();
  return <PageHeading title={shell.shop} />;
}
