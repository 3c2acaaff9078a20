/** A request that another site, or a sibling service, may have made in the person's name. */
export class CrossSiteError extends Error {
  override readonly name = "CrossSiteError";
}
