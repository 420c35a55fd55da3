"""Short lists of common names, titles, street words and the like, in English and Chinese; a hint each, never a proof."""

from __future__ import annotations


def words(text: str) -> tuple[str, ...]:
    """Gives the words of a text, in order."""
    return tuple(text.split())


GIVEN = frozenset(
    words(
        """
aaron abigail adam adrian adriana agnes ahmed aidan aimee aisha akira alan albert alec alejandra alejandro alex alexa
alexander alexandra alexandria alexis alfred ali alice alicia alisha alison allen allison alvin alyssa amanda amber
amelia amit amy ana andre andrea andres andrew angel angela angelica angie anita ann anna anne annette annie anthony
antonio april ariana ariel arnold arthur ashlee ashley aubrey audrey austin autumn ava avery barbara barry beatrice
becky belinda benjamin bernard bernice beth bethany betty beverly bill billy blake bob bobby bonnie brad bradley brady
brandi brandon brandy breanna brenda brendan brent brett brian briana brianna bridget brittany brittney brooke bruce
bryan bryce caitlin caleb calvin cameron candace candice carl carla carlos carly carmen carol caroline carolyn carrie
casey cassandra cassidy cassie catherine cathy cesar chad charlene charles charlotte chase chelsea cheryl chloe chris
christian christie christina christine christopher christy cindy claire clarence claudia clayton clifford clinton cody
colin colleen collin colton connie connor corey cory courtney craig cristian crystal curtis cynthia daisy dakota dale
dalton damon dan dana daniel danielle danny darius darlene darrell darren darryl dave david dawn dean deanna debbie
deborah debra deepak denise dennis derek derrick desiree destiny devin devon diana diane dillon dmitri dominic
dominique don donald donna doris dorothy doug douglas drew duane dustin dwayne dylan earl eddie edgar eduardo edward
edwin eileen elaine eleanor elena elias elijah elizabeth ella ellen elliott emily emma eric erica erik erika erin
ernest ethan eugene eva evan evelyn faith fatima felicia felix fernando florence frances francesca francis francisco
francois frank franklin fred frederick gabriel gabriela gabriella gabrielle gail garrett gary gavin gene geoffrey
george gerald gina ginger giovanni giuseppe glen glenn gloria gordon grace grant greg gregory guy gwendolyn hailey
haley hannah hans harold harry harvey hayden heather hector heidi helen henry herbert hiroshi holly howard hunter ian
isaac isabel isabella isaiah ivan jack jackie jackson jaclyn jacob jacqueline jade jaime jake james jamie jan jane
janet janice jared jasmin jasmine jason javier jay jean jeanette jeanne jeff jeffery jeffrey jenna jennifer jenny
jeremiah jeremy jermaine jerome jerry jesse jessica jesus jill jillian jim jimmy jo joan joann joanna joanne jocelyn
jodi jody joe joel johanna john johnathan johnny jon jonathan jonathon jordan jorge jose joseph joshua joy joyce juan
juanita judith judy julia julian julie june jurgen justin kaitlin kaitlyn kara karen kari karina karl karla kate
katelyn katherine kathleen kathryn kathy katie katrina kayla kaylee keith kelli kellie kelly kelsey ken kendra kenji
kenneth kent kerri kerry kevin kim kimberly kirk kirsten klaus krista kristen kristi kristie kristin kristina kristine
kristopher kristy krystal kurt kyle kylie lacey lance larry latasha latoya laura lauren laurie lawrence leah lee
leonard leroy leslie levi liam lillian lily linda lindsay lindsey lisa logan lori lorraine louis louise luca lucas
lucy luis luke lydia lynn mackenzie madeline madison makayla malik mallory mandy manuel marc marcia marco marcus
margaret maria mariah marie marilyn mario marisa marissa mark marlene marshall martha martin marvin mary mason mathew
matthew maureen maurice max maxwell mckenzie megan meghan melanie melinda melissa melody melvin mercedes meredith mia
michael michaela micheal michel michele michelle miguel mike mindy miranda misty mitchell mohammed molly monica
monique morgan muhammad mya myra nancy naomi natalia natalie natasha nathalie nathan nathaniel neil nicholas nichole
nicole nina noah nora norma norman olga olivia omar oscar owen paige pam pamela patricia patrick patty paul paula
pauline pedro peggy penny perry peter petra philip philippe phillip phyllis pierre preston priscilla priya rachael
rachel rahul raj ralph ramon randall randy raul raven ravi ray raymond rebecca rebekah regina reginald renee rhonda
ricardo richard rick ricky riley rita robert roberta roberto robin robyn rodney roger roland ron ronald ronnie rosa
rose rosemary ross roy ruben russell ruth ryan sabine sabrina sally samantha samuel sandra sandy sanjay sara sarah
savannah scott sean selena sergei sergio seth shane shannon sharon shaun shawn shawna sheena sheila shelby shelia
shelley shelly sheri sherri sherry sheryl shirley sidney sierra sonia sonya sophia spencer stacey stacie stacy stanley
stefan stefanie stephanie stephen steve steven stuart sue summer sunita susan suzanne svetlana sydney sylvia tabitha
tamara tami tammie tammy tanner tanya tara tasha tatiana taylor teresa terrance terrence terri terry theodore theresa
thomas tiffany tim timothy tina todd tom tommy toni tony tonya tracey traci tracie tracy travis trevor tricia tristan
troy tyler tyrone ursula valerie vanessa vernon veronica vicki vickie victor victoria vincent viola virginia vivian
walter wanda warren wayne wendy wesley whitney william willie wolfgang xavier yesenia yolanda yuki yvette yvonne
zachary zachery zoe
"""
    )
)
"""Given names, lower case."""

SURNAMES = frozenset(
    words(
        """
abbott acosta adams aguilar ahmed alexander ali allen alvarado alvarez anderson andrews arellano armstrong arnold
austin avila ayala bailey baker baldwin ballard banks barber barker barnes barnett barrett barton bass bates bauer
baxter beck becker begum bell bennett berry bianchi bishop black blackburn blair blake bond bowen bowman boyd bradley
brady braun brewer bridges briggs bright brooks brown bryant buchanan burke burns burton bush butler byrd cain
calderon caldwell camacho campbell campos cannon carlson carpenter carr carrillo carroll carter casey castaneda
castillo castro cervantes chambers chan chang chapman chavez chen christensen clark cobb cohen cole coleman collins
conley conner contreras cook cooper copeland cortez cox craig crawford cross cruz cunningham curry curtis dalton
daniels daugherty davidson davis dawson day dean decker delgado dennis diaz dixon dominguez douglas doyle dubois
duncan dunn duran durand edwards elliott ellis erickson espinosa espinoza estrada evans farmer farrell ferguson
fernandez fields figueroa fischer fisher fitzgerald fleming flores floyd flynn ford foster fowler fox francis frank
franklin frazier freeman fuller gallegos garcia gardner garner garrett garza gates george gibson gilbert gill gomez
gonzales gonzalez goodman goodwin gordon graham grant graves gray green greene greer gregory griffin griffith gross
guerra guerrero gupta gutierrez guzman hale hall hamilton hammond hancock hansen hanson hardin hardy harmon harper
harrington harris harrison hart harvey hawkins hayes haynes henderson henry hensley hernandez herrera hess hicks hill
hodges hoffman hogan holland holmes hopkins howard howell huang hubbard hudson huff hughes hull hunt hunter hussain
ibarra ingram ivanov jackson jacobs jacobson james jefferson jenkins jennings jensen jimenez johnson johnston jones
jordan joseph juarez keller kelley kelly kennedy key khan kim king klein knight koch kumar lamb lambert lane lang
larson lawrence lawson le lee leon leonard lewis li lin little lloyd logan long lopez love lowe lucas luna lynch lyons
mack maldonado mann manning marquez marsh marshall martin martinez mason matthews maxwell may mcbride mccall mccarthy
mcclure mcconnell mccoy mccullough mcdaniel mcdonald mcgee mcguire mcintyre mckenzie mckinney mclaughlin mclean
mcmillan medina mejia mendez mendoza meyer miles miller mills miranda mitchell molina montgomery montoya moody moore
morales moran moreau moreno morgan morris morrison morse moss moyer mueller mullins munoz murphy murray myers nash
navarro neal nelson newman nguyen nichols nixon nolan norman norris norton nunez obrien ochoa oconnor oliver olson
oneill orozco ortega ortiz osborne owen owens pacheco padilla palmer park parker parks parsons patel patterson patton
payne pearson pena perez perkins perry peters peterson petrov petty phillips pierce pittman ponce porter potter powell
powers preston price ramirez ramos ray reed reeves reid reyes reynolds rhodes rice richards richardson richter riley
rios rivera robbins roberts robertson robinson robison robles rodgers rodriguez rogers rojas romero rosales rose ross
rossi roth rowe ruiz rush russell ryan salazar sanchez sanders sandoval santana santiago santos sato saunders schmidt
schneider schultz schulz schwartz scott serrano shah sharma sharp shaw shelton sherman silva simmons simon simpson
sims singh smith snyder sosa soto sparks spencer stanley steele stephens stevens stevenson stewart stokes stone
strickland sullivan summers sutton suzuki swanson sweeney tanaka tapia tate taylor thomas thompson thornton torres
townsend tran trevino tucker turner tyler valdez valencia vargas vasquez vaughn vazquez vega velasquez velazquez villa
villanueva wade wagner walker wallace walls walsh walters walton wang ward warner warren washington waters watkins
watson watts weaver webb weber welch wells west wheeler whitaker white whitehead wiggins wilcox wilkerson wilkins
williams williamson willis wilson wise wolf wolfe wong wood woods wright yamamoto yang yates york young zamora zavala
zimmerman
"""
    )
)
"""Surnames, lower case."""

TITLES = frozenset(words("dr frau herr hon madam miss mme mr mrs ms mx prof rev sir"))
SUFFIXES = frozenset(words("dds dvm esq ii iii iv jr md phd rn sr"))
NO_PERSON = frozenset(
    words(
        """
ag and avenue bank beach bros center centre city co college company corp county department division east for fort gmbh
group hospital hotel house inc lake llc ltd mount new north of office plc port road sa school service services
solutions sons south station street systems team the university west
"""
    )
)
"""Words that make a name of more than one word no person's."""

STREETS = words(
    """
alley aly ave avenue bayou beach bend bluff bluffs blvd bottom boulevard branch bridge brook brooks burg burgs bypass
camp canyon cape causeway center centers cir circle circles cliff cliffs club common commons corner corners course
court courts cove creek crescent crossing ct curve dale dam divide dr drive drives estate estates expressway extension
fall falls ferry field fields flat flats ford fords forest forge fork forks fort freeway garden gardens gateway glen
glens green greens grove groves harbor harbors haven heights highway hill hills hollow hwy inlet island islands isle
junction junctions key keys knoll knolls lake lakes land landing lane light lights ln locks lodge loop mall manor
manors meadow meadows mews mill mills mission motorway mount mountain mountains neck orchard oval overpass park parks
parkway pass passage path pike pine pines pkwy pl place plain plains plaza plz point points port ports prairie radial
ramp ranch rapid rapids rd rest ridge ridges river road roads route row rue run shoal shoals shore shores skyway
spring springs spur spurs sq square st station stravenue stream street streets summit ter terrace throughway trace
track trafficway trail trl tunnel turnpike underpass union unions valley valleys via viaduct view views village
villages ville vista walk walks wall way ways well wells
"""
)

SURNAMES_ZH = frozenset(
    "丁万丘丛严乐乔习于井仇仲任伍伏位何余佟侯保俞倪傅僧党全兰关冀冉冯冷冼凌刁刘包匡华卓单卜卞卢卫原古台史叶司吉向吕"
    "吴周和唐商喻夏奚姚姜姬娄孔孙孟季宁宇安宋宗官宫封尤尹屈屠岑岳崔嵺左巩巫席常庄应庞康廉廖张强彭徐成戚戴房扬揭敖文"
    "方施时明易晋晏景曲曹曾木朱李杜来杨林柏查柯柳柴栗栾桂桑梁梅植楚樊欧武段殷毕毛江池汤汪沈沙沿洪涂温游滕潘焦熊燕牛"
    "牟王甄甘田申畅白盖盛瞿石祁祝秦程稽穆窦章童竺符简管米糜纪练罗翁翟耿聂胡胥臧舒艾芦花苏苑苗苟范荆莫萧葛董蒋蒙蓝蔡"
    "蔺薄薛虞衣袁裴褚覃解詹计许谈谌谢谭谷费贺贾赖赵路车辛辜边连迟邓邢邬邱邵邸邹郁郎郑郜郝郭都鄢金钟钱银闵阎阮阳陆陈"
    "陶隋雷霍靳鞠韦韩项顾颜饶马高魏鲁鲍黄黎齐龙龚"
)
"""Surnames of one character."""

COMMON_ZH = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏"
    "卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田姜范石姚谭廖邹熊金陆郝孔崔康毛邱秦江史顾侯邵孟龙"
)
"""Commonest surnames, believed before a title alone."""

DOUBLE_ZH = frozenset(
    words(
        """
上官 东方 令狐 公孙 南宫 司徒 司马 呼延 夏侯 宇文 尉迟 慕容 欧阳 独孤 皇甫 端木 诸葛 轩辕
长孙
"""
    )
)

GIVEN_ZH = frozenset(
    "东中丹丽义之乐云亚亨亮仁以仪伊会伟伦伯佩佳俊信倩健元先光克全兰兴兵军冠冬冰凝凡凤凯刚利功勇勤华博卿厚友发可叶君"
    "启和咏哲善嘉园固国坚坤士壮天奇妍妹姣姬娅娇娜娟娣娴婉婕婵婷媛子学宁宇安宏宜家富寒小山岚岩峰帅帆希平庆康建弘强彤"
    "彪彬影德心志思怡悦想慧成才承振政敏敬文斌新旭时昌明星春昭晓晨晶月有朗杰松林枝枫柔柳栋树桂梅梓梦楠榕欢欣正武毓民"
    "永江河波泰泽洁洋浩海涛涵淑清滢澜炎燕爱爽玉环玲珊珍琛琦琪琬琰琳琴琼瑗瑜瑞瑶瑾璇璐璧生畅盛眉真磊祥福秀秋立竹策筠"
    "素红纨纯绍维美群羽翔翰聪育胜腾致舒航良艳艺芳芸苑若英茂茗茜荔荣荷莉莎莲莹莺菁菲萍蓉蓓蕊薇融行裕言诗诚谦豪贞贵超"
    "轩轮辉辰达进邦金鑫钧锦阳雁雄雨雪雷霄震霞霭露青静韵顺颖风飘飞香馥馨鹏黛龙"
)
"""Characters that given names are made of."""

NO_PERSON_ZH = frozenset("市县区省州镇乡村路街号楼室部司厂店员师院校行局处科组队中心")
"""Last characters of words that are places, firms, posts and parts of a firm."""

AREAS = frozenset(
    words(
        """
201 202 203 204 205 206 207 208 209 210 212 213 214 215 216 217 218 219 220 223 224 225 226 228 229 231 234 236 239
240 248 249 250 251 252 253 254 256 260 262 267 269 270 272 276 281 289 301 302 303 304 305 306 307 308 309 310 312
313 314 315 316 317 318 319 320 321 323 325 330 331 334 336 337 339 340 341 343 346 347 351 352 360 361 364 365 380
385 386 401 402 403 404 405 406 407 408 409 410 412 413 414 415 416 417 418 419 423 424 425 430 431 432 434 435 437
438 440 442 443 445 447 450 456 458 463 464 469 470 475 478 479 480 484 500 501 502 503 504 505 506 507 508 509 510
512 513 514 515 516 517 518 519 520 530 531 533 534 539 540 541 544 548 551 559 561 562 563 564 567 570 571 573 574
575 579 580 581 585 586 587 601 602 603 604 605 606 607 608 609 610 612 613 614 615 616 617 618 619 620 623 626 628
629 630 631 636 639 640 641 646 647 650 651 656 657 659 660 661 662 667 669 670 671 678 680 681 682 684 689 700 701
702 703 704 705 706 707 708 709 712 713 714 715 716 717 718 719 720 724 725 726 727 731 732 734 737 740 743 747 754
757 760 762 763 765 769 770 771 772 773 774 775 778 779 780 781 782 785 786 787 800 801 802 803 804 805 806 807 808
810 812 813 814 815 816 817 818 819 820 825 828 830 831 832 833 838 843 844 845 847 848 850 854 855 856 857 858 859
860 862 863 864 865 866 867 870 872 873 877 878 888 900 901 902 903 904 905 906 907 908 909 910 912 913 914 915 916
917 918 919 920 925 928 929 930 931 934 936 937 938 939 940 941 945 947 949 951 952 954 956 959 970 971 972 973 978
979 980 984 985 986 989
"""
    )
)
"""Area codes of the North American numbering plan."""
