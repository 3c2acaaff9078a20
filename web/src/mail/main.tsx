import { SignedIn } from "../shell/signed-in.tsx";
import { start } from "../shell/start.tsx";

start(<SignedIn service="mail">{null}</SignedIn>);
