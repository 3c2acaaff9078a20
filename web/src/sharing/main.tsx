import { NotFoundPage } from "../shell/not-found-page.tsx";
import { start } from "../shell/start.tsx";

start(<NotFoundPage />);
