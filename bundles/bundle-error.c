/* SPDX-License-Identifier: Apache-2.0 */
/* The error domain of bundles. */
#include "bundles/bundle.h"

G_DEFINE_QUARK(bundle-error-quark, bundle_error)
