/* The icons that the theme's pages can show, in place of its script with two thousand of them. */

import { dom, library } from "@fortawesome/fontawesome-svg-core";
import { faBitbucket, faGithub, faGitlab } from "@fortawesome/free-brands-svg-icons";
import {
  faAngleLeft, faAngleRight, faArrowUp, faBars, faChevronDown, faCircleHalfStroke, faCode,
  faDownload, faExpand, faFile, faFilePdf, faHouse, faLightbulb, faList, faMagnifyingGlass, faMoon,
  faOutdent, faPencil, faPlay, faRocket, faSun, faXmark,
} from "@fortawesome/free-solid-svg-icons";

library.add(
  faAngleLeft, faAngleRight, faArrowUp, faBars, faBitbucket, faChevronDown, faCircleHalfStroke,
  faCode, faDownload, faExpand, faFile, faFilePdf, faGithub, faGitlab, faHouse, faLightbulb, faList,
  faMagnifyingGlass, faMoon, faOutdent, faPencil, faPlay, faRocket, faSun, faXmark,
);
dom.watch();
