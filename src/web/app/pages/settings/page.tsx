// SPDX-License-Identifier: MIT
// Settings.
import { useText } from '../../i18n';
import { PageHeading } from '../../ui/page';

export default function Settings(_: { section?: string | undefined }) {
  const { shell } = useText();
  return <PageHeading title={shell.settings} />;
}
