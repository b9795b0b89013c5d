// SPDX-License-Identifier: MIT
// The overview of a collection.
import { useText } from '../../i18n';
import { PageHeading } from '../../ui/page';

export default function Dashboard() {
  const { shell } = useText();
  return <PageHeading title={shell.home} />;
}
