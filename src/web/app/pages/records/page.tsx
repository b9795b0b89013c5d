// SPDX-License-Identifier: MIT
// The collection, to search and browse.
import { useText } from '../../i18n';
import { PageHeading } from '../../ui/page';

export default function Records() {
  const { shell } = useText();
  return <PageHeading title={shell.records} />;
}
