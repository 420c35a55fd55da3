"""Short lists of common names, titles, street words and the like, in English and Chinese; a hint each, never a proof."""

from __future__ import annotations

GIVEN = frozenset(
    """
aaron abigail adam adrian adriana agnes aidan aimee alan albert alec alejandra alejandro alex alexa alexander alexandra alexandria
alexis alfred alice alicia alisha alison allen allison alvin alyssa amanda amber amelia amy ana andre andrea andres andrew angel
angela angelica angie anita ann anna anne annette annie anthony antonio april ariana ariel arnold arthur ashlee ashley aubrey
audrey austin autumn ava avery barbara barry beatrice becky belinda benjamin bernard bernice beth bethany betty beverly bill billy
blake bob bobby bonnie brad bradley brady brandi brandon brandy breanna brenda brendan brent brett brian briana brianna bridget
brittany brittney brooke bruce bryan bryce caitlin caleb calvin cameron candace candice carl carla carlos carly carmen carol
caroline carolyn carrie casey cassandra cassidy cassie catherine cathy cesar chad charlene charles charlotte chase chelsea cheryl
chloe chris christian christie christina christine christopher christy cindy claire clarence claudia clayton clifford clinton
cody colin colleen collin colton connie connor corey cory courtney craig cristian crystal curtis cynthia daisy dakota dale dalton
damon dan dana daniel danielle danny darius darlene darrell darren darryl dave david dawn dean deanna debbie deborah debra denise
dennis derek derrick desiree destiny devin devon diana diane dillon dominic dominique don donald donna doris dorothy doug douglas
drew duane dustin dwayne dylan earl eddie edgar eduardo edward edwin eileen elaine eleanor elena elias elijah elizabeth ella ellen
elliott emily emma eric erica erik erika erin ernest ethan eugene eva evan evelyn faith felicia felix fernando florence frances
francis francisco frank franklin fred frederick gabriel gabriela gabriella gabrielle gail garrett gary gavin gene geoffrey george
gerald gina ginger glen glenn gloria gordon grace grant greg gregory guy gwendolyn hailey haley hannah harold harry harvey hayden
haley heather hector heidi helen henry herbert hector holly howard hunter ian isaac isabel isabella isaiah ivan jack jackie
jackson jaclyn jacob jacqueline jade jaime jake james jamie jan jane janet janice jared jasmin jasmine jason javier jay jean jeanette
jeanne jeff jeffery jeffrey jenna jennifer jenny jeremiah jeremy jermaine jerome jerry jesse jessica jesus jill jillian jim jimmy
jo joan joann joanna joanne jocelyn jodi jody joe joel johanna john johnathan johnny jon jonathan jonathon jordan jorge jose joseph
joshua joy joyce juan juanita judith judy julia julian julie june justin kaitlin kaitlyn kara karen kari karina karl karla kate
katelyn katherine kathleen kathryn kathy katie katrina kayla kaylee keith kelli kellie kelly kelsey ken kendra kenneth kent kerri
kerry kevin kim kimberly kirk kirsten krista kristen kristi kristie kristin kristina kristine kristopher kristy krystal kurt kyle
kylie lacey lance larry latasha latoya laura lauren laurie lawrence leah lee leonard leroy leslie levi liam lillian lily linda
lindsay lindsey lisa logan lori lorraine louis louise lucas lucy luis luke lydia lynn mackenzie madeline madison makayla malik
mallory mandy manuel marc marcia marco marcus margaret maria mariah marie marilyn mario marisa marissa mark marlene marshall
martha martin marvin mary mason mathew matthew maureen maurice max maxwell mckenzie megan meghan melanie melinda melissa melody
melvin mercedes meredith mia micheal michael michaela michele michelle miguel mike mindy miranda misty mitchell molly monica
monique morgan mya myra nancy naomi natalie natasha nathan nathaniel neil nicholas nichole nicole nina noah nora norma norman
olivia omar oscar owen paige pam pamela patricia patrick patty paul paula pauline pedro peggy penny perry peter philip phillip
phyllis preston priscilla rachael rachel ralph ramon randall randy raul raven ray raymond rebecca rebekah regina renee reginald
rhonda ricardo richard rick ricky riley rita robert roberta roberto robin robyn rodney roger roland ron ronald ronnie rosa rose
rosemary ross roy ruben russell ruth ryan sabrina sally samantha samuel sandra sandy sara sarah savannah scott sean selena
sergio seth shane shannon sharon shaun shawn shawna sheena sheila shelby shelia shelley shelly sheri sherri sherry sheryl shirley
sidney sierra sonia sonya sophia spencer stacey stacie stacy stanley stefanie stephanie stephen steve steven stuart sue summer
susan suzanne sydney sylvia tabitha tamara tami tammie tammy tanner tanya tara tasha taylor teresa terrance terrence terri terry
theodore theresa thomas tiffany tim timothy tina todd tom tommy toni tonya tony tracey traci tracie tracy travis trevor tricia
tristan troy tyler tyrone valerie vanessa vernon veronica vicki vickie victor victoria vincent viola virginia vivian walter wanda
warren wayne wendy wesley whitney william willie xavier yesenia yolanda yvette yvonne zachary zachery zoe
mohammed muhammad ahmed ali fatima omar aisha priya rahul amit anita sanjay raj ravi sunita deepak hans peter klaus jurgen ursula
petra sabine stefan wolfgang pierre jean michel philippe nathalie francois giovanni giuseppe luca francesca olga ivan dmitri sergei
natalia tatiana svetlana yuki hiroshi akira kenji
""".split()
)
"""Given names, lower case."""

SURNAMES = frozenset(
    """
smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez gonzalez wilson anderson thomas taylor
moore jackson martin lee perez thompson white harris sanchez clark ramirez lewis robinson walker young allen king wright scott
torres nguyen hill flores green adams nelson baker hall rivera campbell mitchell carter roberts gomez phillips evans turner diaz
parker cruz edwards collins reyes stewart morris morales murphy cook rogers gutierrez ortiz morgan cooper peterson bailey reed
kelly howard ramos kim cox ward richardson watson brooks chavez wood james bennett gray mendoza ruiz hughes price alvarez castillo
sanders patel myers long ross foster jimenez powell jenkins perry russell sullivan bell coleman butler henderson barnes gonzales
fisher vasquez simmons romero jordan patterson alexander hamilton graham reynolds griffin wallace moreno west cole hayes bryant
herrera gibson ellis tran medina aguilar stevens murray ford castro marshall owens harrison fernandez mcdonald woods washington
kennedy wells vargas henry chen freeman webb tucker guzman burns crawford olson simpson porter hunter gordon mendez silva shaw
snyder mason dixon munoz hunt hicks holmes palmer wagner black robertson boyd rose stone salazar fox warren mills meyer rice
schmidt garza daniels ferguson nichols stephens soto weaver ryan gardner payne grant dunn kelley spencer hawkins arnold pierce
vazquez hansen peters santos hart bradley knight elliott cunningham duncan armstrong hudson carroll lane riley andrews alvarado
ray delgado berry perkins hoffman johnston matthews pena richards contreras willis carpenter lawrence sandoval guerrero george
chapman rios estrada ortega watkins greene nunez wheeler valdez harper burke larson santiago maldonado morrison franklin carlson
austin dominguez carr lawson jacobs obrien lynch singh vega bishop montgomery oliver jensen harvey williamson gilbert dean sims
espinoza howell li wong reid hanson le mccoy garrett burton fuller wang weber welch rojas lucas marquez fields park yang little
banks padilla day walsh bowman schultz luna fowler mejia davidson acosta brewer may holland juarez newman pearson curtis cortez
douglas schneider joseph barrett navarro figueroa keller avila wade molina stanley hopkins campos barnett bates chambers caldwell
beck lambert miranda byrd craig ayala lowe frazier powers neal leonard gregory carrillo sutton fleming rhodes shelton schwartz
norris jennings rhodes duran watts cohen walters mcdaniel cobb bush hale moss rodgers vaughn dawson montoya stevenson ballard
goodwin pacheco maxwell cannon hodges moran potter baldwin manning graves fitzgerald mullins tate parks hammond doyle erickson
gross zimmerman steele cervantes ibarra ochoa wolfe hubbard mcgee buchanan huang mcbride decker farrell guerra preston bass
norman tyler rush griffith wise owen wolf santana abbott love floyd briggs castaneda miles dennis sharp haynes moody christensen
robbins francis mclaughlin robles reeves bauer hogan mack blair harmon hardy brady trevino summers cross yates klein lyons shah
swanson stokes saunders waters blake flynn barber cain bridges chang tran leon sparks chan warner barton mann farmer curry nash
strickland harrington tapia mccarthy baxter hardin wilkins wilkerson copeland mcguire rowe sherman barker bond hensley orozco
arellano gallegos calderon serrano garner gill jefferson conley park villa bowen thornton mcintyre ingram osborne jacobson walton
goodman lloyd dalton roth obrien conner casey huff hess petty nixon bright key moyer hancock lang pittman blackburn ponce daugherty
frank morse simon mcclure nolan townsend lin lamb patton greer camacho espinosa gates logan love marsh norton parsons robison
rosales hull sosa sweeney torres valencia velazquez velasquez villanueva walls whitaker whitehead wiggins wilcox zamora zavala york
mueller fischer becker schulz koch richter braun dubois durand moreau rossi bianchi ivanov petrov kumar sharma gupta khan ahmed
hussain ali begum tanaka suzuki sato yamamoto oneill oconnor mccall mckenzie mckinney mclean mcmillan mcconnell mccullough
""".split()
)
"""Surnames, lower case."""

TITLES = frozenset("mr mrs ms miss dr prof sir madam rev hon mx herr frau mme".split())
SUFFIXES = frozenset("jr sr ii iii iv md dds phd dvm esq rn".split())
NO_PERSON = frozenset(
    """
inc llc ltd plc corp co company group sons bros and gmbh ag sa bank hospital university college school center centre street
road avenue city county lake north south east west port new fort mount beach station house hotel department division office team
services service systems solutions of the for
""".split()
)
"""Words that make a name of more than one word no person's."""

STREETS = (
    "street st avenue ave road rd boulevard blvd lane ln drive dr court ct circle cir place pl square sq terrace ter way parkway "
    "pkwy highway hwy trail trl alley aly loop path pike plaza plz point points pass passage park parks row run ridge ridges crossing "
    "crescent cove creek canyon cape causeway center centers cliff cliffs club common commons corner corners course curve dale dam "
    "divide estate estates expressway extension fall falls ferry field fields flat flats ford fords forest forge fork forks fort "
    "freeway garden gardens gateway glen glens green greens grove groves harbor harbors haven heights hill hills hollow inlet island "
    "islands isle junction junctions key keys knoll knolls lake lakes land landing light lights locks lodge mall manor manors meadow "
    "meadows mews mill mills mission motorway mount mountain mountains neck orchard oval overpass pine pines plain plains port ports "
    "prairie radial ramp ranch rapid rapids rest river roads route rue shoal shoals shore shores skyway spring springs spur spurs "
    "station stravenue stream streets summit throughway trace track trafficway tunnel turnpike underpass union unions valley valleys "
    "via viaduct view views village villages ville vista walk walks wall ways well wells brook brooks bluff bluffs bottom branch "
    "bridge burg burgs bypass bayou beach bend camp drives circles courts fork club"
).split()

SURNAMES_ZH = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石"
    "姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂"
    "丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂"
    "闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢"
    "冷卓花仇艾蓝都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫鞠僧桑荆谌银扬明沙薄伏岑习胥保和蔺"
)
"""Surnames of one character."""

DOUBLE_ZH = frozenset("欧阳 上官 司马 诸葛 皇甫 尉迟 公孙 慕容 司徒 令狐 东方 夏侯 长孙 宇文 独孤 南宫 端木 呼延 轩辕".split())

GIVEN_ZH = frozenset(
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国文红丹萍鹏辉斌宇浩凯健俊帆帅旭宁龙林欢阳梅莉兵雷东波晨琴云倩婷雪慧琳洁"
    "颖畅欣梦佳楠柳玲淑珍凤春冬畅金瑞成志春海燕荣利亮峰飞鑫想坤雨嘉佩博子轩涵怡晶莹瑶璐岩彬冰丽瑜娇琪璇诗思彤梓若晓小永新德庆立"
    "红美香月素云莲真环雪爱妹霞香月莺媛艳瑞凡佳嘉琼勤珍贞莉桂娣叶璧璐娅琦晶妍茜秋珊莎锦黛青倩婷姣婉娴瑾颖露瑶怡婵雁蓓纨仪荷丹蓉眉"
    "君琴蕊薇菁梦岚苑婕馨瑗琰韵融园艺咏卿聪澜纯毓悦昭冰爽琬茗羽希宁欣飘育滢馥筠柔竹霭凝晓欢霄枫芸菲寒伊亚宜可姬舒影荔枝思丽楠"
    "翔家祥学正松刚栋维启克伦翔旭鹏泽晨辰士以建家致树炎德行时泰盛雄琛钧冠策腾榕风航弘义兴良海山仁宁贵福生龙元全胜学祥才发武新利清"
    "飞彬富顺信子杰涛昌成康星光天达安岩中茂进林有坚和彪博诚先敬震振壮会思群豪心邦承乐绍功松善厚庆磊民友裕河哲江超浩亮政谦亨奇固之轮翰朗伯宏言"
)
"""Characters that given names are made of."""

NO_PERSON_ZH = frozenset("市县区省州镇乡村路街号楼室部司厂店员师院校行局处科组队中心")
"""Last characters of words that are places, firms, posts and parts of a firm."""

AREAS = frozenset(
    """
201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 220 223 224 225 228 229 231 234 239 240 248 251 252 253 254 256
260 262 267 269 270 272 276 281 301 302 303 304 305 307 308 309 310 312 313 314 315 316 317 318 319 320 321 323 325 330 331 334 336
337 339 340 341 346 347 351 352 360 361 364 380 385 386 401 402 404 405 406 407 408 409 410 412 413 414 415 417 419 423 424 425 430
432 434 435 440 442 443 445 447 456 458 463 464 469 470 475 478 479 480 484 500 501 502 503 504 505 507 508 509 510 512 513 515 516
517 518 520 530 531 533 534 539 540 541 544 551 559 561 562 563 564 567 570 571 573 574 575 580 585 586 601 602 603 605 606 607 608
609 610 612 614 615 616 617 618 619 620 623 626 628 629 630 631 636 640 641 646 650 651 656 657 659 660 661 662 667 669 670 671 678
680 681 682 684 689 700 701 702 703 704 706 707 708 712 713 714 715 716 717 718 719 720 724 725 726 727 731 732 734 737 740 743 747
754 757 760 762 763 765 769 770 771 772 773 774 775 779 781 785 786 787 801 802 803 804 805 806 808 810 812 813 814 815 816 817 818
820 828 830 831 832 838 843 845 847 848 850 854 856 857 858 859 860 862 863 864 865 870 872 878 900 901 903 904 906 907 908 909 910
912 913 914 915 916 917 918 919 920 925 928 929 930 931 934 936 937 938 939 940 941 945 947 949 951 952 954 956 959 970 971 972 973
978 979 980 984 985 986 989 204 226 236 249 250 289 306 343 365 403 416 418 431 437 438 450 506 514 519 548 579 581 587 604 613 639
647 705 709 778 780 782 807 819 825 867 873 902 905 800 833 844 855 866 877 888
""".split()
)
"""Area codes of the North American numbering plan."""
