/** A body that is no XML, or not the XML that the request asks for. */
export class BadXml extends Error {
  override readonly name = "BadXml";
}
