// SPDX-License-Identifier: MIT
// Signing in.
import { useText } from '../../i18n';
import { PageHeading } from '../../ui/page';

export default function SignIn() {
  const { shell } = useText();
  return <PageHeading title={shell.home} />;
}
